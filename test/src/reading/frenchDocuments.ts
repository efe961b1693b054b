import type { NastyDocument } from "./nastyDocuments.ts"

/** Invoices as they are laid out in France and Belgium, of our own making. */
export const frenchDocuments: ReadonlyArray<NastyDocument> = [
  {
    name: "a mason whose company numbers stand in the footer only",
    text: `
Maçonnerie Pires                                      FACTURE
Neuf et rénovation                                    N° F2024-087
14 chemin des Vignes                                  Date : 12/04/2024
31400 Toulouse                                        Échéance : 12/05/2024

                                        Madame Colette AUBERT
                                        27 allée des Platanes
                                        31500 Toulouse

Désignation                       Qté    U      PU HT       TVA     Total HT
Démolition cloison                 1     F      450,00      10      450,00
Évacuation gravats                 2     m3      95,00      10      190,00
Linteau béton                      1     U      380,00      10      380,00

                                             Total HT             1 020,00 €
                                             TVA 10,00 %            102,00 €
                                             Total TTC            1 122,00 €
                                             Acompte du 02/03/2024 -300,00 €
                                             Reste à payer          822,00 €

Entreprise individuelle - SIRET 732 829 320 00074 - APE 4399C - TVA FR44732829320
Assurance décennale n° 5544332 - Tribunal de Toulouse
`,
    says: { documentType: "invoice", supplierName: "Maçonnerie Pires", invoiceNumber: "F2024-087", invoiceDate: "2024-04-12", dueDate: "2024-05-12", amountHT: "1020.00", amountTVA: "102.00", amountTTC: "1122.00", supplierSiret: "73282932000074", supplierVatNumber: "FR44732829320" }
  },
  {
    name: "an overseas rate and a deposit paid on the quote",
    text: `
SARL CLIM OI
ZI n°2 - 97410 Saint-Pierre
Tél 0262 00 00 00                     Saint-Pierre, le 5 septembre 2024

                                      SCI Les Filaos
                                      3 rue du Four à Chaux
                                      97460 Saint-Paul

FACTURE DE SOLDE N° FS-0245
Suite à notre devis DV-0198 du 02/07/2024

Climatiseurs split               4      890,00      3 560,00
Pose et mise en service          4      210,00        840,00

Montant HT                                          4 400,00
TVA 8,5%                                              374,00
Montant TTC                                         4 774,00
Acompte versé le 10/07/2024                         1 432,20
Solde à régler                                      3 341,80 EUR
`,
    says: { supplierName: "SARL CLIM OI", invoiceNumber: "FS-0245", invoiceDate: "2024-09-05", amountHT: "4400.00", amountTVA: "374.00", amountTTC: "4774.00" }
  },
  {
    name: "a credit note printed positive",
    text: `
NORD ÉLEC DISTRIBUTION S.A.S.
Parc des Moulins, 59650 Villeneuve-d'Ascq

AVOIR N° A-00871                                Date : 08/03/2024
                                                Code client : 004417
                                                Facture liée : F-11873 du 28/02/2024

SARL Watt Services
2 rue Neuve
59000 Lille

Réf        Désignation             Qté     Prix net    Montant HT
DISJ-20    Disjoncteur 20A          10       6,35          63,50

Total HT            63,50
TVA 20,00 %         12,70
Net à déduire TTC   76,20 €
`,
    says: { documentType: "credit-note", supplierName: "NORD ÉLEC DISTRIBUTION S.A.S.", invoiceNumber: "A-00871", invoiceDate: "2024-03-08", amountHT: "63.50", amountTVA: "12.70", amountTTC: "76.20" }
  },
  {
    name: "the buyer on the left above the seller",
    text: `
Facturé à :                                   Facture 2024-0552
MAIRIE DE SAINT-JUST                          Date d'émission 17/06/2024
Place de l'Hôtel de Ville                     Échéance 17/07/2024
13310 Saint-Just                              Réf. client 4411

                                              Paysages du Sud SAS
                                              85 chemin du Mas
                                              13200 Arles
                                              SIRET 732 829 320 00074

Entretien des espaces verts, mai 2024                     1 850,00 €
Total HT                                                  1 850,00 €
TVA (20%)                                                   370,00 €
Total TTC                                                 2 220,00 €
`,
    says: { supplierName: "Paysages du Sud SAS", invoiceNumber: "2024-0552", invoiceDate: "2024-06-17", dueDate: "2024-07-17", amountHT: "1850.00", amountTVA: "370.00", amountTTC: "2220.00" }
  },
  {
    name: "three rates and eco-contribution",
    text: `
LE COMPTOIR DU BÂTI
12 avenue Foch - 54000 NANCY - Tél. 03 83 00 00 00
RCS Nancy 732 829 320

Facture N°      Date          Client        Page
FC140522        31/01/2024    C00217        1/1

                              ENTREPRISE MULLER & FILS
                              4 rue de Metz
                              54390 FROUARD

Article     Libellé                   Qté     P.U.      Montant   TVA
10441       Laine de verre 200         22    11,90       261,80   1
20877       Pompe de relevage           1   389,00       389,00   2
30112       Livre technique             1    28,00        28,00   3
            Éco-contribution                               4,20   2

Code   Base HT     Taux      Montant TVA
1      261,80      5,50      14,40
2      393,20      20,00     78,64
3       28,00      5,50       1,54

Total HT 683,00     Total TVA 94,58     NET A PAYER 777,58 EUR
Échéance le 29/02/2024 - LCR
`,
    says: { supplierName: "LE COMPTOIR DU BÂTI", invoiceNumber: "FC140522", invoiceDate: "2024-01-31", dueDate: "2024-02-29", amountHT: "683.00", amountTVA: "94.58", amountTTC: "777.58" }
  },
  {
    name: "a self-employed person with no company form at all",
    text: `
Julien Fabre
Électricien
8 impasse du Lavoir
84000 Avignon
SIRET : 73282932000074

Facture n° 31
Date de facturation : 09/10/2024
Date d'exécution : 07/10/2024

Destinataire :
Mme Sylvie Roche
21 rue Carreterie
84000 Avignon

Remplacement tableau électrique           980,00 €
Total net de taxe                         980,00 €
TVA non applicable, article 293 B du CGI
Conditions de paiement : 30 jours. Pénalités de retard : 3 fois le taux légal.
Indemnité forfaitaire de 40 € pour frais de recouvrement.
`,
    says: { supplierName: "Julien Fabre", invoiceNumber: "31", invoiceDate: "2024-10-09", amountHT: "980.00", amountTVA: "0.00", amountTTC: "980.00" }
  },
  {
    name: "a Belgian invoice in French with figures grouped by points",
    text: `
Chauffage Lambot SRL
Rue de la Station 88
5000 Namur
TVA BE 0202.239.951

Facture n°: 2024/00391                    Date: 03-12-2024
N° client: 10228                          Date d'échéance: 02-01-2025

M. et Mme Dubois
Avenue des Tilleuls 9
5100 Jambes

Chaudière à condensation      1      3.890,00      3.890,00
Main d'œuvre                 16         62,00        992,00

Total HTVA                                         4.882,00
TVA 6 %                                              292,92
Total TVAC                                         5.174,92
IBAN BE68 5390 0754 7034
`,
    says: { supplierName: "Chauffage Lambot SRL", invoiceNumber: "2024/00391", invoiceDate: "2024-12-03", dueDate: "2025-01-02", amountHT: "4882.00", amountTVA: "292.92", amountTTC: "5174.92", iban: "BE68539007547034", supplierVatNumber: "BE0202239951" }
  },
  {
    name: "a proforma, which is no invoice",
    text: `
Menuiserie Alu Concept SARL
ZA du Pré, 35000 Rennes

FACTURE PRO FORMA N° PF-0331
Date : 04/03/2024
Client : M. Legrand

Baie coulissante      1      2 100,00      2 100,00
Total HT 2 100,00 €
TVA 10 % 210,00 €
Total TTC 2 310,00 €
`,
    says: { documentType: "quote", supplierName: "Menuiserie Alu Concept SARL", amountTTC: "2310.00" }
  },
  {
    name: "a rental of tools with a security deposit that is no part of the sum",
    text: `
LOCA-CHANTIER SAS au capital de 80 000 €
Agence de Metz - 5 rue des Frères - 57000 Metz

FACTURE DE LOCATION          LC24-10977
Date de facture              28/06/2024
Contrat n°                   CT-55120 du 17/06/2024
Période                      du 17/06/2024 au 27/06/2024

Client : BTP LORRAINE SARL

Mini-pelle 2,5 t    11 jours    95,00    1 045,00
Assurance                                   83,60
Sous-total HT                            1 128,60
Remise exceptionnelle                      -28,60
Total HT                                 1 100,00
TVA 20 %                                   220,00
Montant total TTC                        1 320,00 €
Dépôt de garantie encaissé : 1 500,00 €
`,
    says: { supplierName: "LOCA-CHANTIER SAS", invoiceNumber: "LC24-10977", invoiceDate: "2024-06-28", amountHT: "1100.00", amountTVA: "220.00", amountTTC: "1320.00" }
  },
  {
    name: "withheld guarantee and pro rata on a progress bill",
    text: `
SAS FAÇADES DU RHÔNE
1 quai Gillet 69004 LYON

Facture n° 24.06.118
Date 28/06/2024
Marché n° 2023-14 du 12/12/2023
Maître d'ouvrage : OPH MÉTROPOLE

SITUATION N° 6
Travaux exécutés cumulés           HT     185 400,00
Situation précédente               HT     151 200,00
Travaux du mois                    HT      34 200,00
TVA 20 %                                    6 840,00
Montant TTC du mois                        41 040,00
Retenue de garantie 5 % TTC               - 2 052,00
Compte prorata 1,5 %                      -   513,00
NET À PAYER                                38 475,00 €
`,
    says: { supplierName: "SAS FAÇADES DU RHÔNE", invoiceNumber: "24.06.118", invoiceDate: "2024-06-28", amountHT: "34200.00", amountTVA: "6840.00", amountTTC: "41040.00" }
  }
]
