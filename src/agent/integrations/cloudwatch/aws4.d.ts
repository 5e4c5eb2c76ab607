/** The part of aws4 that is used here. The package has no types of its own. */
declare module "aws4" {
  interface SignedRequest {
    readonly headers: Readonly<Record<string, string | number>>;
  }
  /** Adds `Authorization` to the headers. `X-Amz-Date` is taken from them when it is there; the host must be there. */
  export function sign(
    request: {
      readonly service: string;
      readonly region: string;
      readonly method: string;
      readonly path: string;
      readonly headers: Readonly<Record<string, string>>;
      readonly body: string;
    },
    credentials: { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string },
  ): SignedRequest;
}
