import type { Language } from "./Language.ts"

export const it: Language = {
  code: "it",
  countries: [
    {
      code: "IT", currency: "EUR", rates: ["22", "22", "10"], legalForms: ["S.r.l.", "SRL", "S.p.A.", "S.n.c.", ""], cities: ["Verona", "Bergamo", "Lecce", "Forlì"],
      streets: ["Via Roma", "Via Garibaldi", "Corso Italia", "Piazza Dante"], houseNumberFirst: false, postcode: "#####", amounts: ["1.234,56", "1.234,56", "1234,56"], dates: ["dd/mm/yyyy", "dd/mm/yyyy", "dd-mm-yyyy", "d month yyyy"]
    }
  ],
  invoice: ["FATTURA", "Fattura", "Fattura di vendita", "Fattura immediata"],
  creditNote: ["Nota di credito", "NOTA DI ACCREDITO"],
  number: ["Fattura n.", "Numero fattura", "N. fattura", "Fattura nr.", "Numero documento", "Numero"],
  creditNumber: ["Nota di credito n.", "Numero documento"],
  date: ["Data", "Data fattura", "Data documento", "Data emissione"],
  due: ["Scadenza", "Data di scadenza", "Scadenza pagamento", "Da pagare entro il"],
  customerNumber: ["Codice cliente", "Cod. cliente", "N. cliente"],
  orderNumber: ["Vs. ordine", "Ordine n.", "Rif. ordine"],
  quoteNumber: ["Preventivo n.", "Rif. preventivo"],
  deliveryDate: ["Data consegna", "DDT del", "Data intervento"],
  billTo: ["Spett.le", "Cliente", "Destinatario", "Intestatario"],
  from: ["Fornitore", "Cedente", "Mittente"],
  site: ["Cantiere", "Oggetto", "Commessa"],
  phone: ["Tel.", "Telefono"],
  companyNumber: (digits) => `REA ${digits.slice(0, 6)}`,
  vatNumber: ["P. IVA", "Partita IVA", "P.IVA"],
  columns: {
    position: ["Cod.", "N."], description: ["Descrizione", "Articolo", "Descrizione beni"], quantity: ["Quantità", "Q.tà", "Qtà"], unit: ["U.M.", "UM"], unitPrice: ["Prezzo unitario", "Prezzo", "Prezzo unit."],
    rate: ["IVA", "% IVA", "Aliq."], amount: ["Importo", "Totale", "Importo netto"]
  },
  units: ["ore", "pz", "mq", "m", "gg"],
  ht: ["Imponibile", "Totale imponibile", "Totale netto", "Netto merce", "Totale merce"],
  vatAt: ["IVA {}", "IVA al {}", "I.V.A. {}"],
  vatTotal: ["Totale IVA", "IVA", "Imposta", "Totale imposta"],
  ttc: ["Totale fattura", "Totale documento", "TOTALE", "Importo totale", "Totale IVA inclusa"],
  base: ["Imponibile", "Base imponibile"], rate: ["Aliquota", "% IVA", "IVA %"], tax: ["Imposta", "IVA"],
  deposit: ["Acconto versato", "Acconto", "Già pagato"],
  toPay: ["Netto a pagare", "Totale da pagare", "Saldo da pagare"],
  carriedOver: ["A riportare"], broughtForward: ["Riporto"],
  page: ["Pagina {1} di {2}", "Pag. {1}/{2}"],
  reverseCharge: ["Inversione contabile, art. 17 c. 6 DPR 633/72"],
  exempt: ["Operazione senza applicazione dell'IVA, regime forfettario"],
  terms: ["Pagamento: bonifico bancario 30 gg", "Rimessa diretta", "Indicare il numero della fattura nella causale"],
  footnotes: ["Contributo CONAI assolto ove dovuto.", "Capitale sociale € 10.000,00 i.v.", "Foro competente: quello della sede."],
  goods: ["Posa pavimento in gres", "Manodopera", "Trasferta", "Piastrelle 60x60", "Noleggio ponteggio", "Tubo rame 22 mm", "Pittura lavabile 14 l", "Quadro elettrico", "Smaltimento macerie", "Cemento 25 kg"],
  trades: ["Edilizia", "Impianti", "Idraulica", "Costruzioni", "Serramenti", "Colori", "Noleggi", "Termoidraulica"],
  surnames: ["Rossi", "Bianchi", "Ferrari", "De Luca", "Moretti", "Fratelli Conti", "Adriatica", "Galli"],
  patterns: ["{trade} {name}", "{name} {trade}", "{name} & Figli", "{name} & {name2}"],
  months: ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"],
  receipt: {
    title: ["SCONTRINO", "DOCUMENTO COMMERCIALE", ""], date: ["Data", ""], subtotal: ["Subtotale", "Imponibile"], total: ["TOTALE", "TOTALE COMPLESSIVO", "TOTALE EURO"], cash: ["CONTANTI", "Contante"], card: ["BANCOMAT", "CARTA"],
    change: ["RESTO", "Resto"], tax: ["di cui IVA {}", "IVA {}"], goods: ["VITI 5X60", "SILICONE", "GUANTI T9", "PILE AA", "CAFFE", "GASOLIO", "RULLO"], thanks: ["ARRIVEDERCI E GRAZIE"]
  }
}
