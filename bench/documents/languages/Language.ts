type Words = readonly [string, ...ReadonlyArray<string>]

/** How invoices are worded in one language. `{}` in a phrase stands for a value. */
export interface Language {
  readonly code: "fr" | "en" | "de" | "nl" | "es" | "it"
  readonly countries: readonly [Country, ...ReadonlyArray<Country>]
  readonly invoice: Words
  readonly creditNote: Words
  readonly number: Words
  readonly creditNumber: Words
  readonly date: Words
  readonly due: Words
  /** Numbers and dates that are not the invoice's own. */
  readonly customerNumber: Words
  readonly orderNumber: Words
  readonly quoteNumber: Words
  readonly deliveryDate: Words
  readonly billTo: Words
  readonly from: Words
  readonly site: Words
  readonly phone: Words
  readonly companyNumber: (digits: string) => string
  readonly vatNumber: Words
  readonly columns: {
    readonly position: Words
    readonly description: Words
    readonly quantity: Words
    readonly unit: Words
    readonly unitPrice: Words
    readonly rate: Words
    readonly amount: Words
  }
  readonly units: Words
  readonly ht: Words
  /** `{}`: the rate, "20 %". */
  readonly vatAt: Words
  readonly vatTotal: Words
  readonly ttc: Words
  readonly base: Words
  readonly rate: Words
  readonly tax: Words
  readonly deposit: Words
  readonly toPay: Words
  readonly carriedOver: Words
  readonly broughtForward: Words
  /** `{1}` of `{2}`. */
  readonly page: Words
  readonly reverseCharge: Words
  readonly exempt: Words
  readonly terms: Words
  readonly footnotes: Words
  readonly goods: readonly [string, string, ...ReadonlyArray<string>]
  readonly trades: Words
  readonly surnames: Words
  readonly patterns: Words
  readonly months: ReadonlyArray<string>
  readonly receipt: {
    readonly title: Words
    readonly date: Words
    readonly subtotal: Words
    readonly total: Words
    readonly cash: Words
    readonly card: Words
    readonly change: Words
    readonly tax: Words
    readonly goods: Words
    readonly thanks: Words
  }
}

/** What a country adds: money, VAT and addresses. */
export interface Country {
  readonly code: string
  readonly currency: string
  readonly rates: readonly [string, ...ReadonlyArray<string>]
  readonly legalForms: Words
  readonly cities: Words
  readonly streets: Words
  /** The street before its number, or after it. */
  readonly houseNumberFirst: boolean
  readonly postcode: string
  readonly amounts: readonly [AmountStyle, ...ReadonlyArray<AmountStyle>]
  readonly dates: readonly [DateStyle, ...ReadonlyArray<DateStyle>]
}

/** Thousands apart by the first, decimals after the second. */
export type AmountStyle = "1 234,56" | "1\u202f234,56" | "1.234,56" | "1,234.56" | "1'234.56" | "1234,56" | "1234.56"

export type DateStyle = "dd/mm/yyyy" | "dd.mm.yyyy" | "dd-mm-yyyy" | "yyyy-mm-dd" | "d/m/yyyy" | "dd/mm/yy" | "mm/dd/yyyy" | "d month yyyy" | "month d, yyyy" | "d. month yyyy"
