/** The community's client; it brings no types. Its groups are called by name, see children/googlephotos-calls.ts. */
declare module "googlephotos" {
  const Photos: new (accessToken: string) => object;
  export default Photos;
}
