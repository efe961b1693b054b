/** Words around numbers, dates and names, in six languages, for folded text. */

/** Titles of what the paper is. Credit notes first: their titles often hold the word for invoice too. */
export const creditTitle =
  /\bavoir\b|facture d'avoir|note de credit|credit note|credit memo|creditnota|gutschrift|rechnungskorrektur|rechnungs-korrektur|korrekturrechnung|stornorechnung|nota de (credito|abono)|factura rectificativa|nota (di|d'|de)? ?(credito|accredito|abono)|nota d'accredito|\babono\b|note d'avoir/
export const invoiceTitle =
  /\bfactures?\b|\binvoice|[a-z]*rechnung\b|\bfactuur|verkoopfactuur|\bfactura|\bfattura|tax invoice|\bnote d'honoraires|honorarnote/
export const quoteTitle = /\bdevis\b|\bangebot\b|kostenvoranschlag|\bquot(e|ation)\b|\bestimate\b|\bofferte\b|\bpresupuesto\b|\bpreventivo\b|pro[- ]?forma/
export const receiptTitle =
  /\bre(c|ç)eipt\b|ticket( de caisse)?\b|\bkassenbon\b|\bkassabon\b|\bquittung\b|\bbon de caisse\b|cash (bill|sale)|\brecibo\b|\bscontrino\b|\bricevuta\b/
export const otherTitle =
  /bon de (livraison|commande)|bordereau de livraison|lieferschein|auftragsbestatigung|bestellbestatigung|delivery note|purchase order|order confirmation|packing (list|slip)|pakbon|orderbevestiging|albaran|documento di trasporto|releve de compte|account statement|kontoauszug|mahnung|rappel de paiement/

/** What a number that is no invoice number belongs to. */
export const foreignNumber =
  /commande|bestell|\border|\bpo\b|p\.o\.|\bclient|kunden|customer|\bklant|cliente|livraison|liefer|delivery|\btva\b|\bvat\b|\bust|\bbtw\b|\biva\b|steuer|\btax (id|no|reg)|\bgst\b|\bsst\b|siret|siren|\bape\b|\bnaf\b|\brcs\b|\btel\b|telefon|telephone|\bfax\b|mobil|phone|origin|ursprung|bezug|contrat|contract|vertrag|\biban\b|\bbic\b|konto|compte|account|rib\b|bank|reg\.? ?no|register|handelsreg|\bkvk\b|company|\bco\.|roc\b|article|artikel|\bart\b|item|serie|serial|\bgln\b|gtin|\bean\b|\bref\b|referen[cz]|votre|ihre?\b|\byour\b|\buw\b|capital|dossier|chantier|projet|project|projekt|member|cashier|\btable\b|terminal|\bpos\b|slip|trans|staff|abonn|ligne|booking|license|licence|cheque|marche\b|devis|angebot|quot|lieferschein|postcode|\bid\b|annule|corrige|concern|relati|assurance|decennale|police|versicherung|polizza|meter|zahler|compteur|page|seite/

/** Labels that name an invoice number in full. */
export const fullNumberLabel = new RegExp(
  [
    String.raw`\bref(?:erence)?\.? (?:de (?:la )?)?facture|\b(?:rg|re)\.?-? ?nr\.?(?= |:|$)`,
    String.raw`(?:n[°ºo]?\.?|num(?:ero)?\.?|nr\.?|no\.?)[ \-]*(?:de |d'|der |van |di |della |of )?(?:la )?(?:facture|avoir|invoice|rechnung|factuur|factura|fattura|piece|document[oe]?|credito?|abono|accredito|creditnota|gutschrift|fiche|note)`,
    String.raw`facture (?:d'|de |pro)?[a-z]+ n(?:[°º]|o\b)\.?`,
    String.raw`(?:facture|invoice|inv|bill|receipt|rechnungs?|gutschrifts?|beleg|factuur|factura|fattura|avoir|credit ?note|creditnota|document|doc|factuurs?|rg|ticket|cash sales?)[ .\-/]*(?:n[°º]|no\b\.?|n\.|num(?:ero|ber|mer)?\b\.?|nr\b\.?|no\b\.?|nummer|#|id\b)`,
    String.raw`rechnungsnummer|creditnummer|creditnotanummer|factuurnummer|belegnummer|gutschriftsnummer|beleg-?nr|rechnungs-?nr|invoice#`
  ].join("|")
)

/** Words that say what a date is. */
export const invoiceDateLabel =
  /date (de |d'|of |the )?(la )?(facture|facturation|emission|avoir|invoice|issue|document|piece)|date facture|(facture|invoice|bill|document|doc|receipt|credit note) date|rechnungsdatum|beleg-?datum|ausstellungsdatum|factuur ?datum|factuurdatum|fecha (de )?(la )?(factura|emision|expedicion)|data (della )?(fattura|emissione|documento)|issued|date d'edition|rechnungs-?datum|datum der rechnung/
export const dueDateLabel =
  /(zahlbar|zahlen|begleichen|uberweisen|fallig|zahlung)[^.]{0,40}\bbis( zum)?\b|echeance|date limite|(a )?(payer|regler) (avant|au|le|pour)|payable (le|avant|au|before|by|until)|\bdue\b|pay(ment)? by|fallig|zahlbar|zahlungsziel|uberweisen|zu zahlen bis|verval|uiterlijk|te betalen (voor|op)|vencimiento|scadenza|remit until|pagar antes|before\b|limite de paiement|date de reglement|reglement (au|avant|pour)|betalen (voor|op|uiterlijk)|betaaldatum|voldoen (voor|op)|\bvence\b|\bvto\b|entro (il|la)|pagare entro/
export const otherDateLabel =
  /livraison|livre le|liefer|leistung|deliver|leverdatum|levering|entrega|consegna|commande|bestell|order|auftrag|besteld|pedido|ordine|periode|period|zeitraum|du\b.{0,12}\bau\b|\bbis\b|skonto|escompte|reglement|paye|paid|payment|bezahlt|betaald|virement|prelevement|geburt|birth|naissance|print|imprime|gedruckt|expir|valable|valid|gultig|geldig|check ?in|check ?out|arriv|depart|anreise|abreise|start|debut|fin\b|end\b|ubergabe|ruckgabe|ursprung|origin|devis|angebot|contrat|contract|vertrag|since|depuis|seit|ship|verzend|versand|intervention|travaux|decret|loi\b|law\b|release|version|associee?\b|\bliee?s?\b|initiale?\b|precedente?\b|\bsupply\b|supplied|service date|date of service|uitgevoerd|executed|execution|realisee?s?\b|ausgefuhrt|esegui|realizad|interven|prestation|anzahlung|abschlag|acompte|deposit\b|acconto|anticipo|aanbetaling/

/** Who sells and who buys: the words over an address. */
export const sellerLabel =
  /^\W*(emetteur|vendeur|fournisseur|prestataire|de|from|seller|vendor|supplier|sold by|issued by|issuer|verkaufer|lieferant|rechnungssteller|rechnungsersteller|leistungserbringer|absender|verkoper|leverancier|van|vendedor|proveedor|emisor|venditore|fornitore|mittente|cedente|account holder|kontoinhaber)\b\W*/
export const buyerLabel =
  /destinataire|\bclient\b|facture a\b|^\W*adresse a\W*$|^\W*doit\W*:|factuur aan|rechnung an\W*$|invoiced? to\b|intestatario|fatturato a|factur(e|ation) :|adresse de (facturation|livraison|chantier)|livre a\b|acheteur|bill(ed)? to\b|ship(ped)? to\b|sold to\b|invoice to\b|\bbuyer\b|customer|billing address|shipping address|deliver to\b|\bkaufer|empfanger|\bkunde\b|rechnungsadresse|lieferadresse|leistungsempfanger|factuuradres|afleveradres|\bklant\b|aan:|\bcliente\b|facturar a|destinatario|cessionario|spett|adresse client|guest|attention|a l'attention|t\.a\.v/
