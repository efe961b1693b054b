import type { Language } from "./Language.ts"

export const en: Language = {
  code: "en",
  countries: [
    {
      code: "GB", currency: "GBP", rates: ["20", "20", "5"], legalForms: ["Ltd", "Limited", "LLP", "plc", ""], cities: ["Leeds", "Bristol", "Swindon", "Norwich"],
      streets: ["Park Lane", "Mill Road", "Station Street", "Orchard Drive"], houseNumberFirst: true, postcode: "LS# #QX", amounts: ["1,234.56", "1,234.56", "1234.56"], dates: ["dd/mm/yyyy", "d month yyyy", "dd-mm-yyyy"]
    },
    {
      code: "US", currency: "USD", rates: ["8", "7"], legalForms: ["Inc.", "LLC", "Corp.", ""], cities: ["Dayton, OH", "Austin, TX", "Salem, OR"], streets: ["Main Street", "Oak Avenue", "Industrial Drive"],
      houseNumberFirst: true, postcode: "#####", amounts: ["1,234.56"], dates: ["month d, yyyy", "mm/dd/yyyy", "yyyy-mm-dd"]
    },
    {
      code: "IE", currency: "EUR", rates: ["23", "13.5"], legalForms: ["Ltd", "Limited", "DAC"], cities: ["Cork", "Galway"], streets: ["Quay Street", "Bridge Road"], houseNumberFirst: true,
      postcode: "T## X#Y#", amounts: ["1,234.56"], dates: ["dd/mm/yyyy", "d month yyyy"]
    }
  ],
  invoice: ["INVOICE", "Invoice", "Tax Invoice", "Sales Invoice"],
  creditNote: ["CREDIT NOTE", "Credit Note", "Credit Memo"],
  number: ["Invoice No", "Invoice Number", "Invoice #", "Invoice no.", "Inv. No.", "Document No"],
  creditNumber: ["Credit Note No", "Credit Note Number"],
  date: ["Date", "Invoice Date", "Date of issue", "Issued", "Tax point"],
  due: ["Due Date", "Payment due", "Due", "Please pay by", "Payable by"],
  customerNumber: ["Customer No", "Account No", "Client ID", "Account number"],
  orderNumber: ["PO Number", "Your order", "Order No", "Purchase Order"],
  quoteNumber: ["Quote Ref", "Quotation No"],
  deliveryDate: ["Delivery date", "Date of supply", "Service date"],
  billTo: ["Bill To", "Invoice To", "Customer", "Billed to"],
  from: ["From", "Supplier", "Seller"],
  site: ["Site", "Project", "Re", "Job"],
  phone: ["Tel", "Phone", "T:"],
  companyNumber: (digits) => `Company Reg. No. ${digits.slice(0, 8)}`,
  vatNumber: ["VAT No", "VAT Reg No", "VAT Number"],
  columns: {
    position: ["#", "No", "Item"], description: ["Description", "Details", "Item description"], quantity: ["Qty", "Quantity", "Hours"], unit: ["Unit", "UOM"], unitPrice: ["Unit Price", "Rate", "Price"],
    rate: ["VAT", "VAT %", "Tax"], amount: ["Amount", "Net Amount", "Total", "Line Total"]
  },
  units: ["hr", "pcs", "m", "day", "ea"],
  ht: ["Subtotal", "Net total", "Total excl. VAT", "Net amount", "Sub-total", "Total (ex VAT)"],
  vatAt: ["VAT {}", "VAT @ {}", "VAT ({})"],
  vatTotal: ["VAT", "Total VAT", "VAT amount"],
  ttc: ["Total", "Gross total", "Total incl. VAT", "Invoice total", "Grand Total", "TOTAL"],
  base: ["Net", "Taxable amount", "Goods"], rate: ["Rate", "VAT rate", "VAT %"], tax: ["VAT", "Tax", "VAT amount"],
  deposit: ["Deposit paid", "Less deposit", "Amount paid"],
  toPay: ["Balance due", "Amount due", "Total due", "Amount payable"],
  carriedOver: ["Carried forward"], broughtForward: ["Brought forward"],
  page: ["Page {1} of {2}", "Page {1}"],
  reverseCharge: ["Reverse charge: customer to account for VAT"],
  exempt: ["Not VAT registered"],
  terms: ["Payment within 30 days", "Please quote the invoice number with your payment", "Payment due on receipt"],
  footnotes: ["Goods remain our property until paid in full.", "A late payment fee of 40.00 may be charged.", "Thank you for your business!", "Registered in England and Wales"],
  goods: ["Roof tiles, clay", "Labour", "Skip hire 8 yd", "Copper pipe 22 mm", "Plastering of hallway", "Scaffold hire per week", "Paint, white matt 10 l", "Consumer unit replacement", "Call-out", "Timber C24 47x150", "Site survey", "Fire door FD30", "Door furniture set"],
  trades: ["Roofing", "Electrical", "Plumbing", "Builders", "Joinery", "Plant Hire", "Supplies", "Decorators", "Groundworks", "Motors"],
  surnames: ["Bright", "Harper", "Ashworth", "Collins", "Northgate", "Kelly", "Whitfield", "Barlow", "Riverside", "Penrose"],
  patterns: ["{name} {trade}", "{name} & Sons", "{name} & {name2}", "{name} {trade} Services", "{initials} {trade}"],
  months: ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
  receipt: {
    title: ["TAX INVOICE", "RECEIPT", "CASH RECEIPT", "SIMPLIFIED TAX INVOICE", ""], date: ["Date", "DATE :", "Date:", ""], subtotal: ["Sub Total", "SUBTOTAL", "Total Excl. Tax"],
    total: ["TOTAL", "Total", "Grand Total", "Total Amount", "TOTAL DUE", "Nett Total"], cash: ["CASH", "Cash Tendered", "Paid"], card: ["VISA CARD", "MASTERCARD", "Credit Card"],
    change: ["CHANGE", "Change Due"], tax: ["GST {}", "VAT {}", "Tax {}", "SR {}"],
    goods: ["WOOD SCREW 5X60", "WHITE EMULSION", "GLOVES L", "BATTERY AA 4S", "TEH TARIK", "DIESEL", "PAINT ROLLER", "CABLE TIE 100S", "NASI LEMAK", "A4 PAPER", "WATER 1.5L"], thanks: ["THANK YOU", "Thank you, please come again", "Goods sold are not returnable"]
  }
}
