// The life of six users and two groups, as Okta and Entra would live it, through Node's own HTTP clients.
//
//     SCIM_TOKEN=secret NODE_EXTRA_CA_CERTS=… node provisioning.cjs BASE_URL LOG [--http2] [--fresh]
//
// Whatever is at BASE_URL has to keep every promise that is checked here: SCIMMY, the proxy in front of it, or a recording that is played
// back. The first that is broken ends the journey. LOG gets what was sent and the statuses that came, one line of JSON each, in order.
// Every run sends the same requests, apart from the ids that the other end assigned, and leaves nothing behind. With `--fresh`, names,
// passwords and the probe's id are new in every run, as those of a real directory are.

"use strict";

const assert = require("node:assert/strict");
const { randomUUID } = require("node:crypto");
const { once } = require("node:events");
const fs = require("node:fs");
const http2 = require("node:http2");
const { text } = require("node:stream/consumers");

const CORE = "urn:ietf:params:scim:schemas:core:2.0";
const USER = `${CORE}:User`;
const GROUP = `${CORE}:Group`;
const ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const MESSAGE = "urn:ietf:params:scim:api:messages:2.0";
const NOBODY = "00000000-0000-4000-8000-000000000000";
const WRONG_TOKEN = "not-the-token-of-anyone";

const [base, log, ...options] = process.argv.slice(2);
assert(base && log && options.every((it) => ["--http2", "--fresh"].includes(it)), "usage: provisioning.cjs BASE_URL LOG [--http2] [--fresh]");
const fresh = options.includes("--fresh");
const session = options.includes("--http2") ? http2.connect(base) : undefined;
const domain = fresh ? `${randomUUID().slice(0, 8)}.example` : "node.example";
const password = fresh ? randomUUID() : "Analytical-Engine-1843";
const probe = fresh ? randomUUID() : "5b3c1c52-8f0e-4a53-9d3f-6c1d3e1d7a10";

/// The status of an answer, its headers and its body as text; over the one connection of HTTP/2 where that was asked for.
async function exchange(method, target, headers, body) {
    if (session === undefined) {
        const answer = await fetch(base + target, { method, headers, body });
        return { status: answer.status, headers: answer.headers, said: await answer.text() };
    }
    const { pathname, search } = new URL(base + target);
    const stream = session.request({ ...headers, ":method": method, ":path": pathname + search });
    stream.end(body);
    const [{ ":status": status, ...fields }] = await once(stream, "response");
    return { status, headers: new Headers(Object.entries(fields)), said: await text(stream) };
}

/// Sends a request and wants this status; the answer's body as JSON, its text, and its headers.
async function send(wanted, method, target, body, more = {}) {
    const type = body === undefined ? {} : { "content-type": "application/scim+json" };
    const headers = { authorization: `Bearer ${process.env.SCIM_TOKEN}`, ...type, ...more };
    const sent = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
    const answer = await exchange(method, target, headers, sent);
    const { status, said } = answer;
    fs.appendFileSync(log, `${JSON.stringify({ method, target, status })}\n`);
    assert.equal(status, wanted, `status of ${method} ${target}: ${said}`);
    return { headers: answer.headers, text: said, body: said ? JSON.parse(said) : undefined };
}

const get = async (target) => (await send(200, "GET", target)).body;
const post = async (target, body) => (await send(201, "POST", target, body)).body;
const filtered = (filter, more = "") => get(`/Users?filter=${encodeURIComponent(filter)}${more}`);
const patch = (target, ...Operations) => send(200, "PATCH", target, { schemas: [`${MESSAGE}:PatchOp`], Operations });
const names = (list) => list.Resources.map(({ userName }) => userName);
const members = (group) => (group.members ?? []).map(({ value }) => value).sort();

/// The request has to be refused with a SCIM error that says so.
async function refused(status, scimType, method, target, body, headers) {
    const answer = (await send(status, method, target, body, headers)).body;
    assert.deepEqual(answer.schemas, [`${MESSAGE}:Error`], `error of ${method} ${target}`);
    assert.equal(Number(answer.status), status, `status within the error of ${method} ${target}`);
    assert.equal(answer.scimType, scimType, `scimType of ${method} ${target}: ${answer.detail}`);
}

const mail = (name) => `${name}@${domain}`;
const user = (name, more) => ({ schemas: [USER], userName: mail(name), ...more });

async function discovers() {
    const config = await get("/ServiceProviderConfig");
    for (const name of ["patch", "bulk", "filter"]) assert.equal(config[name].supported, true, `${name}.supported`);
    const schemas = (await get("/Schemas")).Resources.map(({ id }) => id);
    for (const schema of [USER, GROUP, ENTERPRISE]) assert(schemas.includes(schema), `${schema} among ${schemas}`);
    const types = (await get("/ResourceTypes")).Resources.map(({ endpoint }) => endpoint);
    assert.deepEqual(types.sort(), ["/Groups", "/Users"]);
    // Nobody asks this with the right token: a recording does not look at credentials.
    await refused(401, undefined, "GET", "/Users?filter=title%20pr", undefined, { authorization: `Bearer ${WRONG_TOKEN}` });
    // Entra's test of a connection, and the question that Okta asks before it makes somebody.
    assert.equal((await filtered(`userName eq "${probe}"`)).totalResults, 0);
    assert.equal((await filtered(`userName eq "${mail("ada")}"`, "&startIndex=1&count=100")).totalResults, 0);
}

/// The users as they are made, by their names.
async function creates() {
    const made = {};
    for (const [name, more] of Object.entries({
        ada: {
            schemas: [USER, ENTERPRISE], externalId: "1815", active: true, displayName: "Ada", title: "Analyst", password,
            name: { givenName: "Ada", familyName: "Lovelace", formatted: "Ada Lovelace" },
            emails: [{ value: mail("ada"), type: "work", primary: true }, { value: mail("ada.home"), type: "home" }],
            [ENTERPRISE]: { employeeNumber: "1815", department: "Computation" },
        },
        bob: { externalId: "1816", active: true, displayName: "Bob \"Bobby\" O'Hara", name: { givenName: "Bob", familyName: "O'Hara" } },
        cyd: { externalId: "1817", active: true, displayName: "Cyd" },
        zoë: { externalId: "1818", active: true, displayName: "Zoë 日本" },
        eve: { externalId: "1819", active: false, displayName: "Eve" },
    })) {
        const body = user(name, more);
        const { body: created, headers } = await send(201, "POST", "/Users", body);
        assert.equal(created.userName, body.userName);
        assert.equal(created.password, undefined);
        // The address under which this client knows the other end, whoever answers behind it.
        assert.equal(created.meta.location, `${base}/Users/${created.id}`);
        assert.equal(new URL(headers.get("location") ?? created.meta.location).origin, new URL(base).origin);
        assert.deepEqual(created.emails ?? [], body.emails ?? []);
        made[name] = created;
    }
    await refused(409, "uniqueness", "POST", "/Users", user("ada", { displayName: "Another" }));
    return made;
}

async function reads({ ada }) {
    const target = `/Users/${ada.id}`;
    const { body, headers } = await send(200, "GET", target);
    assert.deepEqual(body, ada);
    // fetch would say `no-cache` by itself, and express would then send all of it.
    const known = { "if-none-match": headers.get("etag"), "cache-control": "max-age=0" };
    assert.equal((await send(304, "GET", target, undefined, known)).text, "");
    const head = await send(200, "HEAD", target);
    assert.equal(head.text, "");
    assert.equal(head.headers.get("etag"), headers.get("etag"));
    const { id, userName, emails } = await get(`${target}?attributes=userName`);
    assert.deepEqual([id, userName, emails], [ada.id, ada.userName, undefined]);
}

async function finds({ ada }) {
    const found = await filtered(`userName eq "${ada.userName}"`);
    assert.equal(found.totalResults, 1);
    assert.equal(found.Resources[0].id, ada.id);
    assert.deepEqual(names(await filtered("active eq false")), [mail("eve")]);
    assert.deepEqual(names(await filtered(`displayName co "日本" and externalId eq "1818"`)), [mail("zoë")]);
    const seen = [];
    for (let startIndex = 1; startIndex <= 5; startIndex += 2) {
        const page = await get(`/Users?startIndex=${startIndex}&count=2`);
        assert.equal(page.totalResults, 5);
        seen.push(...names(page));
    }
    assert.deepEqual(seen, ["ada", "bob", "cyd", "zoë", "eve"].map(mail));
    const search = { schemas: [`${MESSAGE}:SearchRequest`], filter: 'externalId eq "1816"', attributes: ["userName"] };
    assert.deepEqual(names((await send(200, "POST", "/Users/.search", search)).body), [mail("bob")]);
}

async function changes({ ada, bob }) {
    // Okta: no path, an object of attributes.
    assert.equal((await patch(`/Users/${bob.id}`, { op: "replace", value: { active: false } })).body.active, false);
    assert.equal((await get(`/Users/${bob.id}`)).active, false);
    // Entra: a path each, and `op` with a capital.
    const { body } = await patch(
        `/Users/${ada.id}`,
        { op: "Replace", path: "name.familyName", value: "King" },
        { op: "Replace", path: 'emails[type eq "work"].value', value: mail("ada.king") },
        { op: "Add", path: `${ENTERPRISE}:department`, value: "Poetry" },
        { op: "Remove", path: "title" },
    );
    assert.equal(body.name.familyName, "King");
    assert.deepEqual(body.emails.map(({ value }) => value), [mail("ada.king"), mail("ada.home")]);
    assert.equal(body[ENTERPRISE].department, "Poetry");
    assert.equal(body.title, undefined);
    assert.deepEqual((await get(`/Users/${ada.id}`)).emails, body.emails);
    // What changes nothing is answered without a body.
    const same = { schemas: [`${MESSAGE}:PatchOp`], Operations: [{ op: "Replace", path: "name.familyName", value: "King" }] };
    assert.equal((await send(204, "PATCH", `/Users/${ada.id}`, same)).text, "");
    const full = user("bob", { externalId: "1816", active: true, displayName: "Robert" });
    const replaced = (await send(200, "PUT", `/Users/${bob.id}`, full)).body;
    assert.deepEqual([replaced.id, replaced.displayName, replaced.name], [bob.id, "Robert", undefined]);
    await refused(400, "invalidPath", "PATCH", `/Users/${bob.id}`, {
        schemas: [`${MESSAGE}:PatchOp`], Operations: [{ op: "replace", path: "shoeSize", value: 42 }],
    });
    assert.equal((await get(`/Users/${bob.id}`)).displayName, "Robert");
}

async function groups({ ada, bob, cyd }) {
    const crew = await post("/Groups", { schemas: [GROUP], displayName: "crew", externalId: "g-1", members: [{ value: ada.id }] });
    const target = `/Groups/${crew.id}`;
    assert.equal(crew.meta.location, base + target);
    assert.deepEqual(members(crew), [ada.id]);
    const more = [{ value: bob.id }, { value: cyd.id }];
    const joined = (await patch(target, { op: "Add", path: "members", value: more })).body;
    assert.deepEqual(members(joined), [ada.id, bob.id, cyd.id].sort());
    assert.deepEqual(members(await get(target)), members(joined));
    const left = (await patch(target, { op: "remove", path: `members[value eq "${ada.id}"]` })).body;
    assert.deepEqual(members(left), [bob.id, cyd.id].sort());
    const renamed = (await patch(target, { op: "replace", value: { displayName: "the crew" } })).body;
    assert.equal(renamed.displayName, "the crew");
    assert.deepEqual(members(await get(`${target}?excludedAttributes=members`)), []);
    await refused(409, "uniqueness", "POST", "/Groups", { schemas: [GROUP], displayName: "The Crew" });
    return crew;
}

/// A user and a group with that user in it, in one request; the location of each.
async function bulk() {
    const Operations = [
        { method: "POST", path: "/Users", bulkId: "frank", data: user("frank", { displayName: "Frank" }) },
        { method: "POST", path: "/Groups", bulkId: "band", data: { schemas: [GROUP], displayName: "band", members: [{ value: "bulkId:frank" }] } },
        { method: "DELETE", path: `/Users/${NOBODY}` },
    ];
    const { body } = await send(200, "POST", "/Bulk", { schemas: [`${MESSAGE}:BulkRequest`], Operations });
    assert.deepEqual(body.Operations.map(({ status }) => status), ["201", "201", "404"]);
    const made = body.Operations.slice(0, 2).map(({ location }) => location);
    for (const location of made) assert(location.startsWith(`${base}/`), `${location} is below ${base}`);
    const [frank, band] = made.map((location) => location.slice(base.length));
    assert.deepEqual(members(await get(band)), [(await get(frank)).id]);
    return [band, frank];
}

async function isRefused({ ada }) {
    for (const method of ["GET", "DELETE"]) await refused(404, undefined, method, `/Users/${NOBODY}`);
    await refused(404, undefined, "PUT", `/Users/${NOBODY}`, user("nobody"));
    await refused(400, "invalidFilter", "GET", "/Users?filter=userName%20xx%20%22a%22");
    await refused(400, "invalidValue", "POST", "/Users", { schemas: [USER], displayName: "has no name" });
    await send(400, "PUT", `/Users/${ada.id}`, '{"schemas":["urn:ietf:');
    assert.equal((await get(`/Users/${ada.id}`)).name.familyName, "King");
}

async function main() {
    await discovers();
    const users = await creates();
    await reads(users);
    await finds(users);
    await changes(users);
    const crew = await groups(users);
    const [band, frank] = await bulk();
    await isRefused(users);
    const left = [`/Groups/${crew.id}`, band, frank, ...Object.values(users).map(({ id }) => `/Users/${id}`)];
    for (const target of left) {
        await send(204, "DELETE", target);
        await refused(404, undefined, "GET", target);
    }
    assert.equal((await get("/Users")).totalResults, 0);
}

main()
    .catch((error) => {
        console.log(error.stack);
        process.exitCode = 1;
    })
    .finally(() => session?.close());
