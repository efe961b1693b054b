import type { Language } from "./Language.ts"

export const es: Language = {
  code: "es",
  countries: [
    {
      code: "ES", currency: "EUR", rates: ["21", "21", "10"], legalForms: ["S.L.", "SL", "S.A.", "S.L.U.", ""], cities: ["Zaragoza", "Málaga", "Vitoria", "Girona"],
      streets: ["Calle Mayor", "Avenida de la Paz", "Plaza Nueva", "Polígono Los Olivos"], houseNumberFirst: false, postcode: "#####", amounts: ["1.234,56", "1.234,56", "1234,56"], dates: ["dd/mm/yyyy", "dd/mm/yyyy", "dd-mm-yyyy", "d month yyyy"]
    }
  ],
  invoice: ["FACTURA", "Factura", "Factura de venta"],
  creditNote: ["Factura rectificativa", "ABONO", "Nota de crédito"],
  number: ["Factura nº", "Nº de factura", "Número de factura", "Nº factura", "Número", "Factura N.º"],
  creditNumber: ["Factura rectificativa nº", "Nº de abono"],
  date: ["Fecha", "Fecha de factura", "Fecha de emisión", "Fecha factura"],
  due: ["Vencimiento", "Fecha de vencimiento", "Vence el", "A pagar antes del"],
  customerNumber: ["Nº cliente", "Código de cliente", "Cliente nº"],
  orderNumber: ["Su pedido", "Nº de pedido", "Pedido"],
  quoteNumber: ["Presupuesto nº", "Según presupuesto"],
  deliveryDate: ["Fecha de entrega", "Fecha de servicio", "Albarán del"],
  billTo: ["Facturar a", "Cliente", "Datos del cliente"],
  from: ["Emisor", "Proveedor", "Vendedor"],
  site: ["Obra", "Proyecto", "Asunto"],
  phone: ["Tel.", "Teléfono", "Tlf."],
  companyNumber: (digits) => `CIF: B${digits.slice(0, 8)}`,
  vatNumber: ["NIF", "CIF", "NIF-IVA"],
  columns: {
    position: ["Ref.", "Nº"], description: ["Descripción", "Concepto", "Artículo"], quantity: ["Cantidad", "Cant.", "Uds."], unit: ["Ud.", "Unidad"], unitPrice: ["Precio unitario", "Precio", "P. unit."],
    rate: ["IVA", "% IVA"], amount: ["Importe", "Total", "Subtotal"]
  },
  units: ["h", "ud", "m²", "m", "día"],
  ht: ["Base imponible", "Subtotal", "Total sin IVA", "Importe neto", "Total neto"],
  vatAt: ["IVA {}", "IVA ({})", "I.V.A. {}", "Cuota IVA {}"],
  vatTotal: ["Total IVA", "IVA", "Cuota IVA", "Importe IVA"],
  ttc: ["Total factura", "TOTAL", "Total con IVA", "Importe total", "Total IVA incluido", "Total"],
  base: ["Base imponible", "Base"], rate: ["Tipo", "% IVA", "IVA %"], tax: ["Cuota", "IVA", "Importe IVA"],
  deposit: ["Anticipo", "A cuenta", "Pagado"],
  toPay: ["Total a pagar", "Importe pendiente", "Líquido a percibir"],
  carriedOver: ["Suma y sigue"], broughtForward: ["Suma anterior"],
  page: ["Página {1} de {2}", "Pág. {1}/{2}"],
  reverseCharge: ["Inversión del sujeto pasivo, art. 84 LIVA"],
  exempt: ["Operación exenta de IVA"],
  terms: ["Forma de pago: transferencia a 30 días", "Pago al contado", "Indique el número de factura en la transferencia"],
  footnotes: ["Inscrita en el Registro Mercantil, tomo 1204, folio 88", "Gracias por su confianza.", "Recargo por demora: 40,00 €"],
  goods: ["Alicatado de baño", "Mano de obra", "Desplazamiento", "Azulejos 30x60", "Alquiler de andamio", "Tubo de cobre 22 mm", "Pintura plástica 15 l", "Cuadro eléctrico", "Retirada de escombros", "Cemento 25 kg"],
  trades: ["Reformas", "Construcciones", "Fontanería", "Instalaciones", "Carpintería", "Pinturas", "Materiales", "Alquileres"],
  surnames: ["García", "Ibáñez", "Del Río", "Navarro", "Etxeberria", "Molina", "Hermanos Ruiz", "del Norte"],
  patterns: ["{trade} {name}", "{name} {trade}", "{name} y {name2}", "{trade} {name} e Hijos"],
  months: ["enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"],
  receipt: {
    title: ["TICKET", "FACTURA SIMPLIFICADA", ""], date: ["Fecha", ""], subtotal: ["Subtotal", "Base imponible"], total: ["TOTAL", "TOTAL A PAGAR", "Total (IVA incl.)"], cash: ["EFECTIVO", "Entregado"], card: ["TARJETA"],
    change: ["CAMBIO", "Cambio"], tax: ["IVA {}"], goods: ["TORNILLOS 5X60", "SILICONA", "GUANTES T9", "PILAS AA", "CAFE", "GASOLEO A", "RODILLO"], thanks: ["GRACIAS POR SU VISITA"]
  }
}
