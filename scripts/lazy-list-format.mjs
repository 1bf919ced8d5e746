// Takes the place of Intl.ListFormat in the bundle. A package of got makes one as it is loaded, for messages that are never written,
// and the first use of Intl loads all its tables.
export class LazyListFormat {
  #make;

  constructor(...settings) {
    const { ListFormat } = globalThis.Intl;
    this.#make = () => new ListFormat(...settings);
  }

  format(list) {
    return this.#make().format(list);
  }
}
