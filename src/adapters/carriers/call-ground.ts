import type { Clock } from "#base/clock";
import type { CarrierAddresses, CarrierApi } from "./carrier-api.ts";
import type { Pacer } from "./pacer.ts";
import type { Timing } from "./timing.ts";

/** What all calls of a line share. */
export interface CallGround {
  readonly api: CarrierApi;
  readonly clock: Clock;
  readonly timing: Timing;
  readonly pacer: Pacer;
  readonly addresses: Pick<CarrierAddresses, "idOf">;
}
