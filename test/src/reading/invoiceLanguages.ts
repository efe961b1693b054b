/** The words of invoices in six languages, as many as are usual, and how days and sums are written with them. */
export interface Language {
  readonly title: ReadonlyArray<string>
  readonly number: ReadonlyArray<string>
  readonly date: ReadonlyArray<string>
  readonly due: ReadonlyArray<string>
  readonly customer: ReadonlyArray<string>
  readonly order: ReadonlyArray<string>
  readonly delivery: ReadonlyArray<string>
  readonly buyer: ReadonlyArray<string>
  readonly ht: ReadonlyArray<string>
  /** `%` stands for the rate. */
  readonly tva: ReadonlyArray<string>
  readonly ttc: ReadonlyArray<string>
  readonly subtotal: ReadonlyArray<string>
  readonly discount: ReadonlyArray<string>
  readonly carriage: ReadonlyArray<string>
  readonly paid: ReadonlyArray<string>
  readonly left: ReadonlyArray<string>
  readonly exempt: ReadonlyArray<string>
  /** "Invoice No. # of @": number and day in the title. */
  readonly titled: ReadonlyArray<string>
  readonly rates: ReadonlyArray<number>
  readonly seller: ReadonlyArray<readonly [name: string, street: string, town: string]>
  readonly customers: ReadonlyArray<readonly [name: string, street: string, town: string]>
  readonly contact: ReadonlyArray<string>
  readonly months: ReadonlyArray<string>
  /** {d} {dd} {m} {mm} {month} {y} {yy} */
  readonly days: ReadonlyArray<string>
  readonly marks: ReadonlyArray<readonly [thousands: string, decimals: string]>
}

export const languages = {
  French: {
    title: ["Facture", "FACTURE"],
    number: ["Facture n°", "N° de facture", "Numéro de facture", "Facture N°", "N° facture", "Réf. facture", "Facture No"],
    date: ["Date", "Date de facture", "Date de facturation", "Date d'émission", "Date facture", "Émise le", "Le"],
    due: ["Échéance", "Date d'échéance", "Date limite de paiement", "À régler avant le", "Payable le", "Règlement au", "Échéance le"],
    customer: ["N° client", "Code client", "Réf. client", "Client n°", "Compte client"],
    order: ["Commande n°", "N° de commande", "Votre commande", "Bon de commande"],
    delivery: ["Date de livraison", "Livré le", "Date d'intervention"],
    buyer: ["Client", "Destinataire", "Facturé à", "Adresse de facturation", "Adressé à"],
    ht: ["Total HT", "Montant HT", "Total H.T.", "Total net HT", "Montant total HT", "Total hors taxes", "Base HT", "Net HT", "Sous-total HT"],
    tva: ["TVA %", "TVA (%)", "Total TVA", "Montant TVA", "T.V.A. %", "TVA à %"],
    ttc: ["Total TTC", "Montant TTC", "Net à payer", "Total T.T.C.", "Total à payer", "Net à payer TTC", "Montant total TTC", "Total toutes taxes comprises", "TOTAL À RÉGLER"],
    subtotal: ["Total brut HT", "Sous-total", "Total lignes HT", "Montant brut HT"],
    discount: ["Remise 5 %", "Remise commerciale", "Rabais", "Remise globale HT"],
    carriage: ["Frais de port", "Port HT", "Participation aux frais", "Livraison"],
    paid: ["Acompte versé", "Acompte déjà réglé", "Déjà réglé", "Retenue de garantie 5 %", "Acompte", "Règlement reçu"],
    left: ["Net à payer", "Reste à payer", "Solde à régler", "Solde dû", "Restant dû"],
    exempt: ["TVA non applicable, art. 293 B du CGI", "Autoliquidation de la TVA, art. 283-2 nonies du CGI", "Exonération de TVA, article 262 ter I du CGI"],
    titled: ["Facture n° # du @", "FACTURE N° # - le @", "Facture # du @"],
    rates: [2000, 1000, 550, 850],
    seller: [["Novalis", "6 quai Perrache", "69002 Lyon"], ["Plomberie Garnier SARL", "4 rue des Lilas", "69003 Lyon"], ["Couverture Blin", "12 route de Caen", "14400 Bayeux"], ["BATI OUEST SAS", "ZA du Moulin", "44000 Nantes"]],
    customers: [["SCI Les Pins", "8 avenue Foch", "69006 Lyon"], ["Mme Claire Petit", "3 place du Marché", "14000 Caen"], ["Mairie de Vertou", "2 place Saint-Martin", "44120 Vertou"]],
    contact: ["Tél. 04 78 00 00 00", "SIRET 732 829 320 00074"],
    months: ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"],
    days: ["{dd}/{mm}/{y}", "{d} {month} {y}", "{dd}.{mm}.{y}", "{dd}/{mm}/{yy}", "{dd}-{mm}-{y}"],
    marks: [[" ", ","], ["\u00a0", ","], ["\u202f", ","], ["", ","]]
  },
  English: {
    title: ["Invoice", "INVOICE", "TAX INVOICE", "Sales Invoice"],
    number: ["Invoice No", "Invoice Number", "Invoice #", "Invoice no.", "Inv No", "Invoice ID", "Document No"],
    date: ["Date", "Invoice Date", "Date of issue", "Issue date", "Tax point", "Issued", "Dated", "Invoice date"],
    due: ["Due Date", "Date due", "Payment due", "Due", "Payable by", "Pay by", "Payment due by", "Due on"],
    customer: ["Customer No", "Account No", "Client ID", "Customer ID", "Account number"],
    order: ["Order No", "Your order", "PO Number", "Purchase order", "Your ref"],
    delivery: ["Delivery date", "Date of delivery", "Ship date", "Date of supply"],
    buyer: ["Bill to", "Invoice to", "Billed to", "Customer", "Sold to"],
    ht: ["Subtotal", "Net total", "Total excluding VAT", "Net amount", "Total net", "Total ex VAT", "Goods total", "Total exc. VAT", "Net"],
    tva: ["VAT %", "VAT @ %", "VAT total", "VAT (%)", "VAT", "Total VAT", "Tax %"],
    ttc: ["Total", "Gross total", "Total including VAT", "Invoice total", "Amount due", "Total due", "Grand total", "Total inc VAT", "Balance due", "Total payable", "Amount payable"],
    subtotal: ["Subtotal", "Sub total", "Goods value", "Items total"],
    discount: ["Discount 5%", "Trade discount", "Less discount"],
    carriage: ["Carriage", "Delivery charge", "Shipping", "Postage"],
    paid: ["Less deposit paid", "Amount paid", "Deposit received", "Paid to date", "Payments received", "Less retention"],
    left: ["Balance due", "Amount due", "Balance outstanding", "Outstanding amount"],
    exempt: ["Reverse charge: customer to account for VAT", "VAT exempt supply"],
    titled: ["Invoice # of @", "Invoice no. # dated @", "INVOICE # - @"],
    rates: [2000, 500, 2300],
    seller: [["Brightwater", "7 Quay Street", "Bristol BS1 4DJ"], ["Moorland Joinery Ltd", "Unit 5 Mill Lane", "Leeds LS1 4AB"], ["Harper Electrical Services", "9 High Street", "York YO1 7HT"], ["Clyde Roofing Limited", "22 Dock Road", "Glasgow G3 8QQ"]],
    customers: [["Aston Homes plc", "1 Park Row", "Bristol BS1 5LJ"], ["Mr John Reed", "44 Elm Drive", "Hull HU5 2NN"], ["Westside School", "3 Station Road", "Derby DE1 2RU"]],
    contact: ["Tel 0113 496 0000", "VAT No GB 980 7806 84"],
    months: ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
    days: ["{dd}/{mm}/{y}", "{d} {month} {y}", "{y}-{mm}-{dd}", "{month} {d}, {y}", "{dd}.{mm}.{y}"],
    marks: [[",", "."], ["", "."]]
  },
  German: {
    title: ["Rechnung", "RECHNUNG", "Handelsrechnung"],
    number: ["Rechnungsnummer", "Rechnung Nr.", "Rechnungs-Nr.", "Rechnungsnr.", "Rechnung-Nr.", "Beleg-Nr.", "Rg.-Nr.", "Belegnummer", "Re-Nr."],
    date: ["Datum", "Rechnungsdatum", "Belegdatum", "Ausstellungsdatum", "Rechnung vom", "Rechnungs-Datum"],
    due: ["Fällig am", "Fälligkeit", "Zahlbar bis", "Fälligkeitsdatum", "Zahlungsziel", "Zu zahlen bis", "Zahlung bis"],
    customer: ["Kundennummer", "Kunden-Nr.", "Ihre Kundennummer", "Debitor", "Kd.-Nr."],
    order: ["Auftragsnummer", "Bestellnummer", "Ihre Bestellung", "Auftrags-Nr.", "Lieferschein-Nr."],
    delivery: ["Lieferdatum", "Leistungsdatum", "Liefer- und Leistungsdatum", "Versanddatum"],
    buyer: ["Rechnungsempfänger", "Kunde", "Käufer", "Rechnungsadresse", "Leistungsempfänger"],
    ht: ["Summe netto", "Nettobetrag", "Zwischensumme", "Gesamtbetrag netto", "Rechnungssumme ohne USt.", "Netto", "Nettosumme", "Summe exkl. MwSt.", "Warenwert netto", "Gesamt netto"],
    tva: ["zzgl. % MwSt.", "% USt.", "Umsatzsteuer %", "MwSt. (%)", "Mehrwertsteuer", "USt %", "zuzüglich Umsatzsteuer %", "Steuerbetrag", "MwSt-Betrag"],
    ttc: ["Gesamtbetrag", "Rechnungsbetrag", "Bruttobetrag", "Summe brutto", "Gesamtsumme", "Zahlbetrag", "Endbetrag", "Gesamtbetrag inkl. USt.", "Bruttosumme", "Zu zahlender Betrag", "Rechnungsbetrag (brutto)", "Rechnungsendbetrag", "Gesamt", "Total"],
    subtotal: ["Zwischensumme", "Positionssumme", "Summe Positionen", "Warenwert"],
    discount: ["Rabatt 5 %", "abzgl. Nachlass", "Kundenrabatt"],
    carriage: ["Versandkosten", "Fracht", "Transportkosten", "Verpackung und Versand"],
    paid: ["abzgl. Anzahlung", "Erhaltene Anzahlungen", "Bereits bezahlt", "abzüglich geleisteter Abschläge", "Sicherheitseinbehalt 5 %", "Anzahlung vom 02.01.2024"],
    left: ["Restbetrag", "Noch zu zahlen", "Zahlbetrag", "Offener Betrag", "Verbleibender Betrag"],
    exempt: ["Steuerschuldnerschaft des Leistungsempfängers", "Gemäß § 19 UStG wird keine Umsatzsteuer berechnet", "Steuerfreie innergemeinschaftliche Lieferung"],
    titled: ["Rechnung Nr. # vom @", "Rechnung # vom @", "RECHNUNG Nr. # · @"],
    rates: [1900, 700, 2000],
    seller: [["Andreas Pohl", "Hauptstr. 77", "99085 Erfurt"], ["Metallbau Krüger GmbH", "Industriestr. 14", "44137 Dortmund"], ["Malermeister Vogt", "Bachgasse 2", "99084 Erfurt"], ["Holz & Form KG", "Am Sägewerk 3", "72070 Tübingen"]],
    customers: [["Wohnbau Linden eG", "Lindenstr. 8", "44139 Dortmund"], ["Herrn Karl Busch", "Rosenweg 11", "99086 Erfurt"], ["Hotel Schwanen GmbH", "Marktplatz 1", "72072 Tübingen"]],
    contact: ["Tel. 0231 445566", "USt-IdNr. DE136695976"],
    months: ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"],
    days: ["{dd}.{mm}.{y}", "{d}. {month} {y}", "{d}.{m}.{y}", "{dd}.{mm}.{yy}", "{y}-{mm}-{dd}"],
    marks: [[".", ","], ["", ","], ["'", "."]]
  },
  Dutch: {
    title: ["Factuur", "FACTUUR", "Verkoopfactuur"],
    number: ["Factuurnummer", "Factuurnr.", "Factuur nr.", "Factuur nummer"],
    date: ["Datum", "Factuurdatum", "Factuur datum", "Datum factuur"],
    due: ["Vervaldatum", "Vervaldag", "Te betalen voor", "Uiterste betaaldatum", "Betalen voor", "Te voldoen voor"],
    customer: ["Klantnummer", "Klantnr.", "Debiteurnummer", "Relatienummer", "Debiteurnr."],
    order: ["Ordernummer", "Uw referentie", "Bestelnummer", "Opdrachtnummer"],
    delivery: ["Leverdatum", "Datum levering"],
    buyer: ["Klant", "Factuuradres", "Aan", "Factuur aan"],
    ht: ["Totaal excl. btw", "Subtotaal", "Totaal exclusief BTW", "Netto", "Bedrag excl. btw", "Totaal netto", "Subtotaal excl. BTW"],
    tva: ["btw %", "% btw", "BTW (%)", "BTW bedrag", "Totaal btw", "BTW hoog %"],
    ttc: ["Totaal incl. btw", "Te betalen", "Totaal", "Totaalbedrag", "Factuurbedrag", "Totaal inclusief BTW", "Totaal te betalen", "Te voldoen", "Totaal te voldoen"],
    subtotal: ["Subtotaal", "Totaal artikelen"],
    discount: ["Korting 5 %", "Af: korting"],
    carriage: ["Verzendkosten", "Transportkosten", "Vracht"],
    paid: ["Aanbetaling", "Reeds betaald", "Voldaan per bank", "Ontvangen voorschot"],
    left: ["Nog te betalen", "Te betalen", "Openstaand bedrag", "Resterend bedrag"],
    exempt: ["BTW verlegd", "Vrijgesteld van btw"],
    titled: ["Factuur # van @", "Factuur nr. # d.d. @"],
    rates: [2100, 900],
    seller: [["Jan de Boer", "Singel 3", "1015 GH Amsterdam"], ["Timmerbedrijf De Wit", "Havenstraat 5", "1012 AB Amsterdam"], ["Installatie Groep Zuid B.V.", "Ringweg 80", "5611 CD Eindhoven"]],
    customers: [["VvE De Linden", "Lindelaan 12", "1013 CD Amsterdam"], ["Mevr. A. Visser", "Kerkplein 1", "5612 EF Eindhoven"]],
    contact: ["Tel. 020 1234567", "KvK 37123456"],
    months: ["januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"],
    days: ["{dd}-{mm}-{y}", "{d} {month} {y}", "{dd}/{mm}/{y}"],
    marks: [[".", ","], ["", ","]]
  },
  Spanish: {
    title: ["Factura", "FACTURA"],
    number: ["Factura nº", "Nº de factura", "Número de factura", "Nº factura", "Factura núm.", "Factura n.º", "Factura No."],
    date: ["Fecha", "Fecha de factura", "Fecha factura", "Fecha de emisión", "Fecha de expedición"],
    due: ["Vencimiento", "Fecha de vencimiento", "Vence el", "Fecha vencimiento", "Pagar antes del"],
    customer: ["Nº cliente", "Cód. cliente", "Código de cliente", "Cliente nº"],
    order: ["Pedido nº", "Su pedido", "Nº de pedido", "Albarán nº"],
    delivery: ["Fecha de entrega", "Fecha del pedido"],
    buyer: ["Cliente", "Facturar a", "Datos del cliente", "Destinatario"],
    ht: ["Base imponible", "Subtotal", "Importe neto", "Total sin IVA", "Total bases", "Suma y base imponible"],
    tva: ["IVA %", "IVA (%)", "Cuota IVA", "I.V.A. %", "Total IVA", "Importe IVA"],
    ttc: ["Total", "Total factura", "Total a pagar", "Importe total", "TOTAL", "Total con IVA", "Líquido a pagar", "Total general"],
    subtotal: ["Subtotal", "Suma"],
    discount: ["Descuento 5 %", "Dto. comercial"],
    carriage: ["Portes", "Gastos de envío", "Transporte"],
    paid: ["Anticipo recibido", "A cuenta", "Pagado a cuenta", "Anticipo"],
    left: ["Pendiente de pago", "Resto a pagar", "Saldo pendiente"],
    exempt: ["Operación con inversión del sujeto pasivo", "Operación exenta de IVA"],
    titled: ["Factura nº # de fecha @", "Factura # del @"],
    rates: [2100, 1000],
    seller: [["Marta Gil Ortega", "Calle Luna 8", "41003 Sevilla"], ["Pinturas Romero S.L.", "Calle Real 9", "41001 Sevilla"], ["Carpintería Soler", "Avda. del Puerto 30", "46021 Valencia"]],
    customers: [["Comunidad Vista Mar", "Calle Playa 2", "46011 Valencia"], ["D. Luis Moreno", "Plaza Mayor 5", "41004 Sevilla"]],
    contact: ["Tel. 954 000 000", "NIF B12345674"],
    months: ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"],
    days: ["{dd}/{mm}/{y}", "{d} de {month} de {y}", "{dd}-{mm}-{y}"],
    marks: [[".", ","], ["", ","]]
  },
  Italian: {
    title: ["Fattura", "FATTURA"],
    number: ["Fattura n.", "Numero fattura", "Fattura nr.", "N. fattura", "Fattura n°", "Numero documento", "Fattura numero"],
    date: ["Data", "Data fattura", "Data documento", "Data di emissione", "Data emissione", "del"],
    due: ["Scadenza", "Data di scadenza", "Data scadenza", "Pagamento entro il", "Da pagare entro"],
    customer: ["Codice cliente", "Cod. cliente", "Cliente n."],
    order: ["Ordine n.", "Vs. ordine", "Rif. ordine", "DDT n."],
    delivery: ["Data consegna", "Data ordine", "Data DDT"],
    buyer: ["Cliente", "Destinatario", "Spett.le", "Intestatario"],
    ht: ["Imponibile", "Totale imponibile", "Totale netto", "Subtotale", "Netto", "Totale senza IVA", "Base imponibile"],
    tva: ["IVA %", "Totale IVA", "Imposta", "IVA (%)", "I.V.A. %", "Totale imposta"],
    ttc: ["Totale fattura", "Totale documento", "Totale", "Totale da pagare", "Importo totale", "Netto a pagare", "TOTALE", "Totale con IVA", "Totale complessivo"],
    subtotal: ["Subtotale", "Totale merce"],
    discount: ["Sconto 5 %", "Sconto incondizionato"],
    carriage: ["Spese di trasporto", "Trasporto", "Spese di spedizione"],
    paid: ["Acconto versato", "Acconto ricevuto", "Già pagato"],
    left: ["Saldo da pagare", "Residuo da pagare", "Saldo a Vostro debito"],
    exempt: ["Operazione in inversione contabile (reverse charge)", "Operazione esente IVA art. 10"],
    titled: ["Fattura n. # del @", "FATTURA # DEL @"],
    rates: [2200, 1000],
    seller: [["Paolo Serra", "Via Verdi 2", "16121 Genova"], ["Termoidraulica Neri S.r.l.", "Via Mazzini 4", "40121 Bologna"], ["Edilizia Costa", "Corso Roma 18", "16121 Genova"]],
    customers: [["Condominio Parco Verde", "Via dei Tigli 7", "40122 Bologna"], ["Sig. Marco Villa", "Piazza Dante 3", "16122 Genova"]],
    contact: ["Tel. 051 000000", "P.IVA IT00743110157"],
    months: ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"],
    days: ["{dd}/{mm}/{y}", "{d} {month} {y}", "{dd}.{mm}.{y}"],
    marks: [[".", ","], ["", ","]]
  }
} as const satisfies Readonly<Record<string, Language>>

export type LanguageName = keyof typeof languages
export const languageNames = ["French", "English", "German", "Dutch", "Spanish", "Italian"] as const satisfies ReadonlyArray<LanguageName>
