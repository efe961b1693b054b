/** Every kind of file that goes wrong (or only looks as if it would), made in memory. */
export * from "./badFiles/anyFiles.ts"
export * from "./badFiles/images.ts"
export * from "./badFiles/pdfs.ts"
export * from "./badFiles/scannedPdfs.ts"
export * from "./badFiles/xmls.ts"
