import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seconds } from "#base/duration";
import { HinobanError } from "#base/errors";
import { Secret } from "#base/secret";
import { FakeClock } from "#test/fake-clock";
import { countedAddress, delayAfter } from "./attempts.ts";
import { Hasher } from "./hasher.ts";
import { isInside, networkProblem } from "./networks.ts";
import { isTimeZone, normalEmail, passwordProblem } from "./password-rules.ts";
import { Recent } from "./recent.ts";
import { isSameDigest, keyDigest, keyIdOf, newKey } from "./tokens.ts";

describe("a new password", () => {
  test.each([
    ["twelve characters with letters and digits", "abcdefghijk1", undefined],
    ["letters and digits of any script", "パスワードは十二文字以上２", undefined],
    ["one character too few", "abcdefghij1", "Use at least 12 characters."],
    ["pictures count once each", "🔑🔑🔑🔑🔑🔑a1", "Use at least 12 characters."],
    ["no digit", "abcdefghijklm", "Use letters and digits."],
    ["no letter", "123456789012345", "Use letters and digits."],
    ["the address", "Taro@Example.jp", "Use letters and digits."],
    ["the address in other case with more", "TARO@example.JP123", "Do not use the e-mail address."],
  ])("%s", (_name, password, problem) => expect(passwordProblem(password, "taro@example.jp")).toBe(problem));
});

test("an address is compared without outer blanks, case and width", () => {
  for (const typed of ["taro@example.jp", " Taro@Example.JP\t", "\u3000ｔａｒｏ@example.jp"])
    expect(normalEmail(typed)).toBe("taro@example.jp");
});

test("a time zone is one that this machine knows", () => {
  expect(["Asia/Tokyo", "UTC", "Mars/Olympus", ""].map(isTimeZone)).toEqual([true, true, false, false]);
});

describe("wrong tries", () => {
  test("are waited for: nothing twice, then doubling to half a minute", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => delayAfter(n) / 1000)).toEqual([0, 0, 1, 2, 4, 8, 16, 30, 30, 30]);
  });

  test.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:0:1::5", "2001:db8:0:1::/64"],
    ["2001:DB8::1:ffff:5", "2001:db8:0:0::/64"],
    ["2001:0db8:0000:0001:aaaa:bbbb:cccc:dddd", "2001:db8:0:1::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ])("from %s are counted for %s", (address, counted) => expect(countedAddress(address)).toBe(counted));

  test("from two addresses of one IPv6 network of 64 bits are counted together", () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16));
    fc.assert(
      fc.property(
        fc.tuple(group, group, group, group),
        fc.tuple(group, group, group, group),
        fc.tuple(group, group, group, group),
        (net, one, other) => {
          expect(countedAddress([...net, ...one].join(":"))).toBe(countedAddress([...net, ...other].join(":")));
        },
      ),
    );
  });
});

describe("networks of a key", () => {
  test.each([
    ["192.0.2.7", true],
    ["192.0.2.0/24", true],
    ["0.0.0.0/0", true],
    ["2001:db8::/32", true],
    ["192.0.2.0/33", false],
    ["192.0.2.0/", false],
    ["192.0.2.0/-1", false],
    ["192.0.2/24", false],
    ["example.jp", false],
    ["", false],
  ])("%s is one: %s", (network, isOne) => expect(networkProblem(network) === undefined).toBe(isOne));

  test("none means anywhere, and an address that is none is outside all", () => {
    expect(isInside("203.0.113.1", [])).toBe(true);
    expect(isInside("", ["0.0.0.0/0"])).toBe(false);
    expect(isInside("::ffff:192.0.2.1", ["192.0.2.0/24"])).toBe(true);
    expect(isInside("2001:db8::1", ["192.0.2.0/24"])).toBe(false);
  });
});

describe("an API key", () => {
  test("carries its id, and only a whole key has one", () => {
    const { id, secret } = newKey();
    expect(keyIdOf(secret)).toBe(id);
    for (const text of ["", "hb_key_", id, ` ${secret}`, `${secret}\n`, secret.replace("hb_", "HB_")])
      expect(keyIdOf(text), text).toBeUndefined();
  });

  test("has a digest that depends on every character and on the server key", () => {
    const { secret } = newKey();
    const digest = keyDigest(new Secret("a"), secret);
    expect(isSameDigest(digest, keyDigest(new Secret("a"), secret))).toBe(true);
    expect(isSameDigest(digest, keyDigest(new Secret("b"), secret))).toBe(false);
    expect(isSameDigest(digest, keyDigest(new Secret("a"), newKey().secret))).toBe(false);
    expect(isSameDigest(digest, digest.subarray(1))).toBe(false);
  });
});

describe("the hasher", () => {
  const work = () => {
    let finish = (): void => undefined;
    const promise = new Promise<void>((resolve) => (finish = resolve));
    return { promise, finish };
  };

  test("works at two passwords at most, keeps 32 waiting, and turns the next away", async () => {
    const hasher = new Hasher();
    let [running, most] = [0, 0];
    const gate = work();
    const one = () =>
      hasher.inTurn(async () => {
        most = Math.max(most, (running += 1));
        await gate.promise;
        running -= 1;
      });
    const all = Array.from({ length: 34 }, one);
    await expect(one()).rejects.toMatchObject({ code: "too-many-requests", facts: { retryAfter: 2 } });
    gate.finish();
    await Promise.all(all);
    expect(most).toBe(2);
    await one();
  });

  test("frees the place of work that failed", async () => {
    const hasher = new Hasher();
    const failing = () => hasher.inTurn(() => Promise.reject(new HinobanError("internal", "no")));
    await Promise.allSettled(Array.from({ length: 20 }, failing));
    expect(await hasher.inTurn(async () => "free")).toBe("free");
  });

  test("knows a password in any form of the same characters, and no other; without a hash it says no", async () => {
    const hasher = new Hasher();
    const hash = await hasher.hash("パスワード１２３４５６７");
    expect(await hasher.isRight("ﾊﾟｽﾜｰﾄﾞ1234567", hash)).toBe(true);
    expect(await hasher.isRight("パスワード1234568", hash)).toBe(false);
    expect(await hasher.isRight("anything", undefined)).toBe(false);
    expect(hasher.isOutdated(hash)).toBe(false);
    expect(hasher.isOutdated(hash.replace("m=19456", "m=4096"))).toBe(true);
  });
});

describe("what was just looked up", () => {
  const looking = (values: (string | undefined)[]) => {
    const asked = { times: 0 };
    return { asked, look: async () => ((asked.times += 1), values[asked.times - 1]) };
  };

  test("is remembered for three seconds and shared by those who ask at once", async () => {
    const clock = new FakeClock();
    const recent = new Recent<string>(clock, 10);
    const { asked, look } = looking(["a", "b"]);
    expect(await Promise.all([recent.get("k", look), recent.get("k", look)])).toEqual(["a", "a"]);
    await clock.advance(seconds(2.9));
    expect(await recent.get("k", look)).toBe("a");
    await clock.advance(seconds(0.1));
    expect(await recent.get("k", look)).toBe("b");
    expect(asked.times).toBe(2);
  });

  test("is not remembered when a drop came while it was looked up", async () => {
    const recent = new Recent<string>(new FakeClock(), 10);
    let answer = (_value: string): void => undefined;
    const slow = recent.get("k", () => new Promise<string>((resolve) => (answer = resolve)));
    recent.drop((value) => value === "something else");
    answer("old");
    expect(await slow).toBe("old");
    expect(await recent.get("k", async () => "new")).toBe("new");
  });

  test("is not remembered when nothing was found or the look failed", async () => {
    const recent = new Recent<string>(new FakeClock(), 10);
    expect(await recent.get("k", async () => undefined)).toBeUndefined();
    await expect(recent.get("k", () => Promise.reject(new Error("away")))).rejects.toThrow("away");
    expect(await recent.get("k", async () => "there")).toBe("there");
  });

  test("stays within its bound, the oldest going first", async () => {
    const recent = new Recent<string>(new FakeClock(), 2);
    for (const key of ["a", "b", "c"]) await recent.get(key, async () => `first ${key}`);
    expect(await recent.get("b", async () => "again")).toBe("first b");
    expect(await recent.get("a", async () => "again")).toBe("again");
  });
});
