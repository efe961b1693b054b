import { frenchIban, frenchVatNumber, germanVatNumber, iban, withLuhn } from "./checkDigits.ts"
import { type Firm, type Invoice, line } from "./Invoice.ts"

/** Bank 99999 and SIREN numbers from 999 upwards are not attributed to anyone. */
const frenchFirm = (
  firm: Omit<Firm, "country" | "siret" | "vatNumber" | "iban">,
  sirenStart: string,
  account: string
): Firm => {
  const siren = withLuhn(sirenStart)
  return {
    ...firm,
    country: "FR",
    siret: withLuhn(`${siren}0001`),
    vatNumber: frenchVatNumber(siren),
    iban: frenchIban("99999", "00042", account)
  }
}

const buyer = frenchFirm({
  name: "Bâtiments Exemplaires SAS",
  trade: "Entreprise générale du bâtiment",
  street: "8 place de l'Invention",
  postcode: "44000",
  city: "Nantes",
  phone: "02 00 00 00 08",
  email: "compta@batiments-exemplaires.example"
}, "99900018", "00080008000")

export const plasterInvoice: Invoice = {
  number: "FA-2026-0147",
  date: "2026-03-09",
  dueDate: "2026-04-08",
  deliveryDate: "2026-03-06",
  site: "Rénovation 12 rue des Chimères, Nantes",
  supplier: frenchFirm({
    name: "Plâtrerie Exemple & Fils SARL",
    trade: "Plâtrerie, isolation, cloisons sèches",
    street: "27 rue du Modèle",
    postcode: "49000",
    city: "Angers",
    phone: "02 00 00 00 27",
    email: "contact@platrerie-exemple.example"
  }, "99910027", "00270027000"),
  buyer,
  lines: [
    line("Cloison placo BA13 sur ossature, isolée", "46.50", "m²", "52.80", "10"),
    line("Doublage thermique des murs extérieurs 120 mm", "38.00", "m²", "61.50", "10"),
    line("Bandes et enduit de finition, prêt à peindre", "84.50", "m²", "14.20", "10"),
    line("Fourniture de trappes de visite 60 × 60 cm", "3.00", "u", "48.90", "20"),
    line("Évacuation des gravats en déchèterie", "1.00", "forfait", "185.00", "20")
  ]
}

export const joineryInvoice: Invoice = {
  number: "2026-03-0088",
  date: "2026-03-18",
  dueDate: "2026-05-02",
  deliveryDate: "2026-03-16",
  site: "Extension 3 allée du Mirage, Rezé",
  supplier: frenchFirm({
    name: "Menuiserie du Bois Imaginé SAS",
    trade: "Menuiserie bois et aluminium, agencement",
    street: "5 chemin de la Fable",
    postcode: "35000",
    city: "Rennes",
    phone: "02 00 00 00 35",
    email: "facturation@bois-imagine.example"
  }, "99920035", "00350035000"),
  buyer,
  lines: [
    line("Fenêtre chêne double vitrage 120 × 135 cm", "4.00", "u", "689.00", "10"),
    line("Porte-fenêtre aluminium deux vantaux", "1.00", "u", "1842.50", "10"),
    line("Pose et calfeutrement des menuiseries", "14.50", "h", "52.00", "10"),
    line("Plan de travail hêtre massif, huilé", "3.20", "m", "148.75", "20")
  ]
}

export const roofingInvoice: Invoice = {
  number: "F26-0312",
  date: "2026-02-24",
  dueDate: "2026-03-26",
  deliveryDate: "2026-02-20",
  site: "Toiture 41 quai des Songes, Vertou",
  supplier: frenchFirm({
    name: "Toitures Fictives Martin SARL",
    trade: "Couverture, zinguerie, charpente",
    street: "14 avenue des Nuages",
    postcode: "44120",
    city: "Vertou",
    phone: "02 00 00 00 14",
    email: "bonjour@toitures-fictives.example"
  }, "99930014", "00140014000"),
  buyer,
  lines: [
    line("Dépose de la couverture existante", "62.00", "m²", "18.50", "10"),
    line("Couverture ardoise naturelle, crochets inox", "62.00", "m²", "94.00", "10"),
    line("Gouttière zinc demi-ronde, développé 25", "17.40", "m", "46.80", "10"),
    line("Location échafaudage de façade", "6.00", "jour", "115.00", "20"),
    line("Fenêtre de toit 78 × 98 cm, fournie", "2.00", "u", "412.35", "20")
  ]
}

/** German VAT, because the machine is lent for a building site in Germany. */
export const machineHireInvoice: Invoice = {
  number: "RE-2026-00731",
  date: "2026-03-27",
  dueDate: "2026-04-10",
  deliveryDate: "2026-03-25",
  site: "Baustelle Hafenstraße, Kehl",
  supplier: {
    name: "Musterbau Maschinenverleih GmbH",
    trade: "Baumaschinen",
    street: "Phantasiestraße 19",
    postcode: "77694",
    city: "Kehl",
    country: "DE",
    phone: "+49 7851 000019",
    email: "rechnung@musterbau.example",
    siret: null,
    vatNumber: germanVatNumber("99900019"),
    iban: iban("DE", "999999990019001900")
  },
  buyer,
  lines: [
    line("Minibagger 1,8 t mit Löffelsatz", "5.00", "jour", "139.00", "19"),
    line("Rüttelplatte 90 kg", "3.00", "jour", "42.50", "19"),
    line("Anlieferung und Abholung", "1.00", "forfait", "95.00", "19")
  ]
}
