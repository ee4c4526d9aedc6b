/** A method of a driver: what is given to it and what it answers, its version decides. */
export type Method = (this: object, ...given: unknown[]) => unknown

const replaced = new WeakMap<object, Set<string>>()

/**
 * Puts another method in the place of one, until it is disposed of: in the class that has it, for all that inherit it.
 *
 * @param by makes the new method of the old
 * @throws `TypeError` when it has been replaced already: of two gates in a row, each would hold the statement back
 */
export function replaceMethod(prototype: object, name: string, by: (method: Method) => Method): Disposable {
  const { owner, method } = methodOf(prototype, name)
  const names = replaced.get(owner) ?? new Set()
  replaced.set(owner, names)
  if (names.has(name))
    throw new TypeError(
      'An exploration is under way in this process, and there can be one at a time: await it first.',
    )
  names.add(name)
  Object.defineProperty(owner, name, { ...method, value: by(method.value) })
  return {
    [Symbol.dispose]: () => {
      names.delete(name)
      Object.defineProperty(owner, name, method)
    },
  }
}

function methodOf(
  prototype: object,
  name: string,
): { readonly owner: object; readonly method: PropertyDescriptor & { readonly value: Method } } {
  for (let owner: object | null = prototype; owner; owner = Reflect.getPrototypeOf(owner)) {
    const method = Object.getOwnPropertyDescriptor(owner, name)
    if (isMethod(method)) return { owner, method }
  }
  throw new TypeError(`This driver has no method "${name}": its version may be one that is not known here.`)
}

function isMethod(
  property: PropertyDescriptor | undefined,
): property is PropertyDescriptor & { readonly value: Method } {
  return typeof property?.value === 'function'
}
