/** What the service collects, and how many of each a user has. */
export const documentTypes = {
  AADHAAR_CARD: { name: 'Aadhaar card', article: 'an', perUser: 'one' },
  PAN_CARD: { name: 'PAN card', article: 'a', perUser: 'one' },
  SALARY_SLIP: { name: 'Salary slip', article: 'a', perUser: 'many' },
  TAX_RETURN: { name: 'Tax return', article: 'a', perUser: 'many' },
} as const

type DocumentTypes = typeof documentTypes

export type DocumentType = keyof DocumentTypes

/** The types of which a user has one. */
export type IdentityCardType = {
  [Type in DocumentType]: DocumentTypes[Type]['perUser'] extends 'one' ? Type : never
}[DocumentType]

export const documentTypeCodes = Object.keys(documentTypes) as readonly DocumentType[] // its keys are the type's

export const identityCardTypes: readonly IdentityCardType[] = documentTypeCodes.filter(isIdentityCardType)

export function isIdentityCardType(type: DocumentType): type is IdentityCardType {
  return documentTypes[type].perUser === 'one'
}
