// A SCIM service provider of SCIMMY and its express routers, over TLS: resources in memory, and what SCIMMY leaves to the program that
// uses it (ids, times, what is unique, who is let in).
//
//     SCIM_TOKEN=secret NODE_PATH=… node scimmy.cjs CERTIFICATE KEY READY_FILE
//
// It listens on a free port of loopback, and says where in READY_FILE. It stores no password: SCIMMY would hand it out again.

"use strict";

const { randomUUID } = require("node:crypto");
const fs = require("node:fs");
const https = require("node:https");
const express = require("express");
const SCIMMY = require("scimmy");
const { SCIMMYRouters } = require("scimmy-routers");

const [certificate, key, readyFile] = process.argv.slice(2);

/// A resource type whose resources live in a map, two of which never have the same value of `unique`.
function declare(Resource, unique) {
    const stored = new Map();
    const known = (id) => {
        if (!stored.has(id)) throw new SCIMMY.Types.Error(404, null, `Resource ${id} not found`);
        return stored.get(id);
    };
    const folded = (resource) => String(resource[unique]).toLowerCase();

    SCIMMY.Resources.declare(Resource)
        .ingress(({ id }, data) => {
            const before = id === undefined ? undefined : known(id);
            const { password, meta, ...kept } = JSON.parse(JSON.stringify(data));
            if ([...stored.values()].some((other) => other.id !== id && folded(other) === folded(kept))) {
                throw new SCIMMY.Types.Error(409, "uniqueness", `${unique} is taken`);
            }
            const now = new Date().toISOString();
            const after = { ...kept, id: id ?? randomUUID(), meta: { created: before?.meta.created ?? now, lastModified: now } };
            stored.set(after.id, after);
            return after;
        })
        .egress(({ id, filter }) => {
            if (id !== undefined) return known(id);
            const all = [...stored.values()];
            return filter ? filter.match(all) : all;
        })
        .degress(({ id }) => void stored.delete(known(id).id));
}

declare(SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false), "userName");
declare(SCIMMY.Resources.Group, "displayName");

const app = express();
app.use("/scim/v2", new SCIMMYRouters({
    type: "bearer",
    baseUri: (request) => `https://${request.headers.host}`,
    handler: (request) => {
        if (request.headers.authorization !== `Bearer ${process.env.SCIM_TOKEN}`) throw new Error("the token is wrong");
        return "nobody";
    },
}));

const server = https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) }, app);
server.listen(0, "127.0.0.1", () => {
    // Written aside and renamed: who sees the file sees all of it.
    fs.writeFileSync(`${readyFile}.part`, `https://127.0.0.1:${server.address().port}/scim/v2`);
    fs.renameSync(`${readyFile}.part`, readyFile);
});
