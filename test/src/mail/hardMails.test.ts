import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { attachmentsOf, attachmentsOfMail } from "../../../src/mail/attachmentsOf.ts"
import { picturesShownIn } from "../../../src/mail/pictures.ts"
import { planParts } from "../../../src/mail/planParts.ts"
import { readMimeTree } from "../../../src/mail/readMimeTree.ts"
import { leavesOf } from "../../../src/mail/sections.ts"
import { decodeTransfer } from "../../../src/mail/transferEncoding.ts"
import { joined } from "../../support/mail/composeMail.ts"
import { hardMails } from "../../support/mail/hardMails.ts"

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex")
const imported = (outcomes: ReturnType<typeof attachmentsOfMail>) =>
  outcomes.flatMap((one) => (one._tag === "MailAttachment" ? [{ name: one.name, sha256: sha256(one.bytes) }] : []))
const reasons = (outcomes: ReturnType<typeof attachmentsOfMail>) => outcomes.flatMap((one) => (one._tag === "SkippedPart" ? [one.reason] : []))

/** As from a server: the structure first, then the sections that are wanted. */
const fetched = (mail: Uint8Array): ReturnType<typeof attachmentsOfMail> => {
  const tree = readMimeTree(mail)
  const nodes = new Map(leavesOf(tree.structure).leaves.map(({ node, section }) => [section, node]))
  const fetch = ({ encoding, section }: { readonly encoding: string; readonly section: string }) => {
    const node = nodes.get(section)
    if (node === undefined) throw new Error(`no section ${section}`)
    return decodeTransfer(encoding, tree.bodyOf(node))
  }
  const plan = planParts(tree.structure)
  const shown = picturesShownIn(plan.pages.map(fetch))
  return [...plan.skipped, ...plan.bySize.map((one) => one.skipped), ...plan.wanted.flatMap((part) => attachmentsOf(part, fetch(part), shown))]
}

describe("of a hard mail, every invoice is found with its bytes and name, and nothing else", () => {
  for (const { imports, isHuge, pieces, skips, title } of hardMails()) {
    if (isHuge === true) continue
    it(`${title}`, () => {
      const mail = joined(pieces())
      const expected = imports.map(({ bytes, name }) => ({ name, sha256: sha256(bytes) }))
      for (const outcomes of [attachmentsOfMail(mail), fetched(mail)]) {
        expect(imported(outcomes)).toEqual(expected)
        expect(reasons(outcomes)).toEqual(expect.arrayContaining([...skips ?? []]))
      }
    })
  }
})
