import type { Language } from "./Language.ts"

export const fr: Language = {
  code: "fr",
  countries: [
    {
      code: "FR", currency: "EUR", rates: ["20", "20", "10", "5.5"], legalForms: ["SARL", "SAS", "SASU", "EURL", "SA", "", "", "et Fils SARL"],
      cities: ["Nantes", "Angers", "Lyon", "Bordeaux", "Saint-Étienne", "Le Mans", "Clermont-Ferrand", "Aix-en-Provence", "Quimper"],
      streets: ["rue de la Forge", "avenue des Tilleuls", "chemin du Moulin", "rue Jean Jaurès", "boulevard de l'Ouest", "ZA des Landes", "impasse des Lilas"],
      houseNumberFirst: true, postcode: "#####", amounts: ["1 234,56", "1 234,56", "1\u202f234,56", "1234,56", "1.234,56"], dates: ["dd/mm/yyyy", "dd/mm/yyyy", "d month yyyy", "dd.mm.yyyy", "dd/mm/yy", "dd-mm-yyyy"]
    },
    {
      code: "BE", currency: "EUR", rates: ["21", "6"], legalForms: ["SRL", "SA", "SPRL", ""], cities: ["Liège", "Namur", "Charleroi", "Bruxelles"],
      streets: ["rue du Marché", "chaussée de Louvain", "avenue Louise", "quai de la Meuse"], houseNumberFirst: false, postcode: "####", amounts: ["1.234,56", "1 234,56"], dates: ["dd/mm/yyyy", "d month yyyy"]
    },
    {
      code: "CH", currency: "CHF", rates: ["8.1", "2.6"], legalForms: ["Sàrl", "SA", ""], cities: ["Lausanne", "Genève", "Fribourg", "Neuchâtel"],
      streets: ["rue du Lac", "avenue de la Gare", "chemin des Vignes"], houseNumberFirst: false, postcode: "####", amounts: ["1'234.56", "1'234.56", "1 234,56"], dates: ["dd.mm.yyyy", "d month yyyy"]
    }
  ],
  invoice: ["FACTURE", "Facture", "Facture de travaux", "FACTURE CLIENT", "Facture de situation"],
  creditNote: ["AVOIR", "Avoir", "Facture d'avoir", "NOTE DE CRÉDIT"],
  number: ["Facture n°", "N° de facture", "Numéro de facture", "Facture N°", "Numéro", "N° facture", "Référence facture", "Facture No"],
  creditNumber: ["Avoir n°", "N° d'avoir", "Numéro d'avoir"],
  date: ["Date", "Date de facture", "Date de facturation", "Date d'émission", "Émise le", "Le", "Date facture"],
  due: ["Échéance", "Date d'échéance", "À régler avant le", "Date limite de paiement", "Payable au plus tard le", "Échéance le"],
  customerNumber: ["Code client", "N° client", "Référence client", "Client n°"],
  orderNumber: ["Votre commande", "Bon de commande", "N° de commande", "V/Réf."],
  quoteNumber: ["Devis n°", "Selon devis", "Réf. devis"],
  deliveryDate: ["Date de livraison", "Date d'intervention", "Travaux réalisés le", "Livré le"],
  billTo: ["Facturé à", "Client", "Adresse de facturation", "Destinataire", "À l'attention de"],
  from: ["Émetteur", "Vendeur", "Fournisseur"],
  site: ["Chantier", "Objet", "Affaire", "Lieu des travaux"],
  phone: ["Tél.", "Téléphone", "Tél :", "T."],
  companyNumber: (digits) => `SIRET : ${digits}`,
  vatNumber: ["N° TVA", "TVA intracommunautaire", "N° TVA intracom.", "TVA"],
  columns: {
    position: ["N°", "Pos.", "Réf."], description: ["Désignation", "Description", "Libellé", "Prestation", "Article"], quantity: ["Qté", "Quantité", "Qte"], unit: ["Unité", "U."],
    unitPrice: ["P.U. HT", "Prix unitaire", "PU HT", "Prix unit. HT"], rate: ["TVA", "Taux TVA", "% TVA"], amount: ["Montant HT", "Total HT", "Montant", "Prix total HT"]
  },
  units: ["m²", "h", "u", "ml", "forfait", "pce", "jour"],
  ht: ["Total HT", "Montant HT", "Total hors taxes", "Sous-total HT", "Total net HT", "Montant total HT", "Base HT"],
  vatAt: ["TVA {}", "TVA à {}", "TVA ({})", "T.V.A. {}", "Montant TVA {}"],
  vatTotal: ["Total TVA", "Montant TVA", "TVA", "Montant total de la TVA", "T.V.A."],
  ttc: ["Total TTC", "Montant TTC", "TOTAL TTC", "Total toutes taxes comprises", "Montant total TTC", "Net TTC"],
  base: ["Base HT", "Base", "Montant HT"], rate: ["Taux", "Taux TVA", "%"], tax: ["Montant TVA", "TVA", "Taxe"],
  deposit: ["Acompte versé", "Acompte déjà réglé", "Acomptes déduits", "Déjà payé"],
  toPay: ["Net à payer", "Reste à payer", "NET À PAYER", "Solde à régler", "Montant à payer"],
  carriedOver: ["À reporter", "Sous-total à reporter"], broughtForward: ["Report", "Report page précédente"],
  page: ["Page {1}/{2}", "Page {1} sur {2}", "{1} / {2}"],
  reverseCharge: ["Autoliquidation, article 283-2 nonies du CGI", "Autoliquidation de la TVA"],
  exempt: ["TVA non applicable, art. 293 B du CGI"],
  terms: ["Règlement par virement à 30 jours", "Paiement à réception de facture", "Conditions de règlement : 45 jours fin de mois", "Merci de rappeler le numéro de facture lors du règlement"],
  footnotes: ["En cas de retard de paiement : pénalités de 3 fois le taux légal et indemnité forfaitaire de 40,00 €.", "Pas d'escompte pour paiement anticipé.", "Capital social : 10 000,00 €", "Assurance décennale n° 45120087, couverture France métropolitaine", "Membre d'un centre de gestion agréé, le règlement par chèque est accepté."],
  goods: ["Fourniture et pose de carrelage", "Dépose de l'ancien parquet", "Peinture des murs, deux couches", "Câble R2V 3G2,5", "Tableau électrique 13 modules", "Main d'œuvre", "Location nacelle 12 m", "Enduit de façade gratté", "Robinet thermostatique", "Évacuation des déchets", "Laine de verre 200 mm", "Ciment CEM II 35 kg", "Déplacement", "Contrôle et mise en service", "Porte intérieure âme pleine", "Plinthes chêne 70 mm"],
  trades: ["Plomberie", "Maçonnerie", "Menuiserie", "Électricité", "Carrelage", "Peintures", "Charpente", "Couverture", "Matériaux", "Location", "Garage", "Nettoyage", "Serrurerie"],
  surnames: ["Durand", "Le Goff", "Morvan", "Lefèvre", "Garnier", "Roche", "Bertin", "Chauvet", "Da Silva", "Marchand", "Perrot", "de l'Atlantique", "du Val de Loire", "Ligérienne", "des Deux Rives"],
  patterns: ["{trade} {name}", "{name} {trade}", "Atelier {name}", "{name} Services", "Entreprise {name}", "Ets {name}", "{initials} {trade}", "{name} & {name2}"],
  months: ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
  receipt: {
    title: ["TICKET", "TICKET DE CAISSE", "REÇU", ""], date: ["Date", "Le", ""], subtotal: ["SOUS-TOTAL", "TOTAL HT"], total: ["TOTAL TTC", "TOTAL", "TOTAL À PAYER", "NET À PAYER"],
    cash: ["ESPÈCES", "Espèces reçues"], card: ["CARTE BANCAIRE", "CB", "CB EMV"], change: ["RENDU", "MONNAIE RENDUE"], tax: ["TVA {}", "dont TVA {}"],
    goods: ["VIS BOIS 5X60", "MASTIC ACRYL", "GANTS TAILLE 9", "PILE LR6 X4", "EAU 6X1,5L", "BACHE 4X5M", "SANDWICH", "GAZOLE", "PINCEAU 50", "ROULEAU"], thanks: ["MERCI DE VOTRE VISITE", "À BIENTÔT"]
  }
}
