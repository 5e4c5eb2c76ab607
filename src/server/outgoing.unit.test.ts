import { expect, test } from "vitest";
import { mailOfInstallation } from "./outgoing.ts";

const of = (smtpUrl: string, mailFrom = "alert@example.jp") => mailOfInstallation({ smtpUrl, mailFrom });

test("the installation's mail server is read from one address", () => {
  expect(of("")).toBeUndefined();
  expect(of("smtp://mail.example.jp")).toMatchObject({
    server: { host: "mail.example.jp", port: 587, security: "starttls", verifiesTls: true, userName: "", password: undefined },
    fromAddress: "alert@example.jp",
    fromName: "",
  });
  const full = of("smtps://u%40x:p%3Ass@[::1]:4650?verify=no", "火の番 <alert@example.jp>");
  expect(full).toMatchObject({
    server: { host: "::1", port: 4650, security: "tls", verifiesTls: false, userName: "u@x" },
    fromName: "火の番",
  });
  expect(full?.server.password?.reveal()).toBe("p:ss");
  expect(of("smtp://localhost:25?tls=none")?.server.security).toBe("none");
  expect(of("smtp://localhost:25?tls=optional")?.server.security).toBe("opportunistic");
});

test.each([
  ["mail.example.jp", "alert@example.jp", "smtpUrl"],
  ["http://mail.example.jp", "alert@example.jp", "smtpUrl"],
  ["smtp://mail.example.jp", "", "mailFrom"],
  ["smtp://mail.example.jp", "alert@example.jp\r\nBcc: x@y", "mailFrom"],
])("%s from %o is refused with the setting's name", (url, from, field) => {
  expect(() => of(url, from)).toThrow(expect.objectContaining({ facts: { fields: [expect.objectContaining({ field })] } }));
});
