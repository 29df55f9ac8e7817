#!/usr/bin/env python3
"""The life of a few users and a group, lived through a real SCIM client (scim2-client).

    SCIM_TOKEN=secret journey.py BASE_URL

Whatever is at BASE_URL has to keep every promise that is checked here: a service provider, the proxy in front of one, or
a recording that is played back. Every run sends the same requests, apart from the values that the other end assigned, and
leaves nothing behind; that is what makes a recording of it replayable. It expects no users named `journey.*` beforehand.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_models import ListResponse, Resource, SCIMException

from recording import Sent, watcher

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

PASSWORD = "Analytical-Engine-1843"
WRONG_TOKEN = "not-the-token-of-anyone"
NOBODY = "00000000-0000-4000-8000-000000000000"

Json = dict[str, Any]


class BrokenPromise(Exception):
    """The other end did not do what the journey relies on."""


def expect(what: str, actual: object, expected: object) -> None:
    """Stop the journey unless both are equal."""
    if actual != expected:
        raise BrokenPromise(f"{what}: expected {expected!r}, got {actual!r}")


@contextmanager
def refused(status: int, scim_type: str = "") -> Iterator[None]:
    """Stop the journey unless the request inside is answered with this SCIM error."""
    try:
        yield
    except SCIMException as answer:
        if not hasattr(answer, "error"):  # raised by the client itself: nothing was sent
            raise
        expect("status of the refusal", answer.status, status)
        expect("scimType of the refusal", answer.scim_type, scim_type)
    else:
        raise BrokenPromise(f"the request was accepted; expected it to be refused with {status}")


def answered(answer: object) -> Json:
    """The answer as plain SCIM JSON; the client has validated it against the published schemas."""
    if not isinstance(answer, Resource | ListResponse):
        raise BrokenPromise(f"expected a resource or a list of them, got {answer!r}")
    return answer.model_dump()


@dataclass
class Endpoint:
    """The requests about one resource type, with plain SCIM JSON in and out."""

    client: SyncSCIMClient
    model: type[Resource[Any]]

    def create(self, body: Json) -> Json:
        return answered(self.client.create(self.model.model_validate(body)))

    def read(self, resource_id: str, **parameters: Any) -> Json:
        return answered(self.client.query(self.model, resource_id, parameters or None))

    def query(self, **parameters: Any) -> Json:
        return answered(self.client.query(self.model, parameters))

    def replace(self, body: Json) -> Json:
        return answered(self.client.replace(self.model.model_validate(body)))

    def patch(self, resource_id: str, *operations: Json) -> Json:
        """Patch, then read: the answer to PATCH may be 200 with a body or 204 without one."""
        self.client.modify(self.model, resource_id, {"schemas": [PATCH_OP], "Operations": list(operations)})
        return self.read(resource_id)

    def delete(self, resource_id: str) -> None:
        self.client.delete(self.model, resource_id)

    def names(self, **parameters: Any) -> list[str]:
        """The userNames that a query finds, in order."""
        return [user["userName"] for user in self.query(**parameters).get("Resources", [])]


@dataclass
class Journey:
    """What the steps share: the way to the other end, and what it assigned so far."""

    base_url: str
    token: str
    sent: list[Sent] = field(default_factory=list)
    made: dict[str, Json] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = self.connect(self.token)

    def connect(self, token: str) -> SyncSCIMClient:
        headers = {"Authorization": f"Bearer {token}"}
        # Neither HTTP_PROXY nor a .netrc may come between the client and loopback.
        http = httpx2.Client(base_url=self.base_url, headers=headers, event_hooks={"response": [watcher(self.base_url, self.sent)]}, trust_env=False)
        return SyncSCIMClient(http)

    def travel(self) -> int:
        """Take every step; the number of requests that were sent."""
        steps: list[Callable[[], None]] = [
            self.discovers_what_the_service_provider_can_do,
            self.is_refused_with_a_wrong_token,
            self.creates_a_user_with_a_password,
            self.creates_users_who_have_a_manager,
            self.reads_a_user,
            self.finds_users_by_filter,
            self.pages_through_users,
            self.reads_chosen_attributes_only,
            self.is_refused_a_user_name_that_is_taken,
            self.patches_a_user,
            self.finds_a_user_untouched_by_a_patch_that_fails,
            self.replaces_a_user,
            self.is_refused_a_replacement_of_an_outdated_version,
            self.creates_a_group_with_members,
            self.changes_the_members,
            self.is_told_what_does_not_exist,
            self.deletes_everything,
        ]
        with self.client.client:
            for step in steps:
                print(f"  {step.__name__.replace('_', ' ')}", flush=True)
                step()
        return len(self.sent)

    # Discovery and authentication

    def discovers_what_the_service_provider_can_do(self) -> None:
        self.client.discover()
        self.config = answered(self.client.provider.config)
        expect("patch.supported", self.config["patch"]["supported"], True)
        expect("filter.supported", self.config["filter"]["supported"], True)
        self.users = self.endpoint("User")
        self.groups = self.endpoint("Group")

    def endpoint(self, resource_type: str) -> Endpoint:
        model = self.client.get_resource_model(resource_type)
        if model is None:
            raise BrokenPromise(f"no resource type {resource_type} in /ResourceTypes")
        return Endpoint(self.client, model)

    def is_refused_with_a_wrong_token(self) -> None:
        stranger = self.connect(WRONG_TOKEN)
        stranger.provider = self.client.provider
        # Nobody asks this with the right token: a recording knows a request by its method, path and query.
        with stranger.client, refused(401):
            Endpoint(stranger, self.users.model).query(filter='userName eq "journey.stranger"')

    # Users

    def creates_a_user_with_a_password(self) -> None:
        ada = self.users.create(
            {
                "schemas": [USER, ENTERPRISE],
                "externalId": "journey-1",
                "userName": "journey.ada",
                "name": {"givenName": "Ada", "familyName": "Lovelace", "formatted": "Ada Lovelace"},
                "displayName": "Ada",
                "nickName": "Countess",
                "active": True,
                "password": PASSWORD,
                "emails": [
                    {"value": "ada@work.example", "type": "work", "primary": True},
                    {"value": "ada@home.example", "type": "home"},
                ],
                ENTERPRISE: {"employeeNumber": "1843", "department": "Computation"},
            }
        )
        expect("userName", ada["userName"], "journey.ada")
        expect("password in the answer", "password" in ada, False)
        expect("emails", {email["value"] for email in ada["emails"]}, {"ada@work.example", "ada@home.example"})
        expect("department", ada[ENTERPRISE]["department"], "Computation")
        expect("meta.resourceType", ada["meta"]["resourceType"], "User")
        expect("meta.location", ada["meta"]["location"], f"{self.base_url}/Users/{ada['id']}")
        self.made["ada"] = ada

    def creates_users_who_have_a_manager(self) -> None:
        ada = self.made["ada"]
        manager = {"value": ada["id"], "$ref": ada["meta"]["location"]}
        for name in ["charles", "luigi", "mary", "michael"]:
            user = self.users.create(
                {
                    "schemas": [USER, ENTERPRISE],
                    "userName": f"journey.{name}",
                    "displayName": name.title(),
                    "active": name != "luigi",
                    "emails": [{"value": f"{name}@work.example", "type": "work"}],
                    ENTERPRISE: {"manager": manager},
                }
            )
            expect("manager.value", user[ENTERPRISE]["manager"]["value"], ada["id"])
            expect("manager.$ref", user[ENTERPRISE]["manager"]["$ref"], ada["meta"]["location"])
            self.made[name] = user

    def reads_a_user(self) -> None:
        expect("the user", self.users.read(self.made["ada"]["id"]), self.made["ada"])

    def finds_users_by_filter(self) -> None:
        for condition, found in [
            ('userName eq "journey.ada"', ["journey.ada"]),
            ('userName eq "JOURNEY.ADA"', ["journey.ada"]),  # userName is not caseExact
            ('externalId eq "journey-1"', ["journey.ada"]),
            ('userName sw "journey." and active eq false', ["journey.luigi"]),
            ('userName sw "journey.m" and not (displayName co "cha")', ["journey.mary"]),
            ('emails[type eq "home" and value ew "home.example"]', ["journey.ada"]),
            (f'{ENTERPRISE}:department eq "Computation"', ["journey.ada"]),
            ('userName eq "journey.nobody"', []),
        ]:
            expect(condition, self.users.names(filter=condition), found)

    def pages_through_users(self) -> None:
        seen: list[str] = []
        for start, size in [(1, 2), (3, 2), (5, 1)]:
            page = self.users.query(filter='userName sw "journey."', startIndex=start, count=2)
            expect("totalResults", page["totalResults"], 5)
            expect("startIndex", page["startIndex"], start)
            expect("itemsPerPage", page["itemsPerPage"], size)
            seen += [user["userName"] for user in page["Resources"]]
        expect("all pages together", sorted(seen), sorted(f"journey.{name}" for name in self.made))

    def reads_chosen_attributes_only(self) -> None:
        ada = self.made["ada"]
        chosen = self.users.read(ada["id"], attributes=["userName", "name.familyName"])
        expect("attributes", set(chosen) - {"schemas", "meta"}, {"id", "userName", "name"})
        expect("sub-attributes of name", chosen["name"], {"familyName": "Lovelace"})
        others = self.users.read(ada["id"], excludedAttributes=["emails"])
        expect("all but emails", set(ada) - set(others), {"emails"})

    def is_refused_a_user_name_that_is_taken(self) -> None:
        with refused(409, "uniqueness"):
            self.users.create({"schemas": [USER], "userName": "Journey.Ada"})

    def patches_a_user(self) -> None:
        ada = self.users.patch(
            self.made["ada"]["id"],
            {"op": "replace", "path": "name.familyName", "value": "King"},
            {"op": "replace", "path": 'emails[type eq "work"].value', "value": "king@work.example"},
            {"op": "add", "path": "emails", "value": [{"value": "ada@other.example", "type": "other"}]},
            {"op": "add", "value": {"title": "Mathematician", "active": False}},
            {"op": "remove", "path": "nickName"},
            {"op": "replace", "path": f"{ENTERPRISE}:department", "value": "Poetical Science"},
        )
        expect("familyName", ada["name"]["familyName"], "King")
        expect("givenName", ada["name"]["givenName"], "Ada")
        expect(
            "emails by type",
            {email["type"]: email["value"] for email in ada["emails"]},
            {"work": "king@work.example", "home": "ada@home.example", "other": "ada@other.example"},
        )
        expect("title", ada["title"], "Mathematician")
        expect("active", ada["active"], False)
        expect("nickName", "nickName" in ada, False)
        expect("department", ada[ENTERPRISE], {"employeeNumber": "1843", "department": "Poetical Science"})
        self.made["ada"] = ada

    def finds_a_user_untouched_by_a_patch_that_fails(self) -> None:
        ada = self.made["ada"]
        with refused(400, "invalidPath"):
            self.users.patch(
                ada["id"],
                {"op": "replace", "path": "title", "value": "Never"},
                {"op": "replace", "path": "noSuchAttribute", "value": "x"},
            )
        expect("the user", self.users.read(ada["id"]), ada)

    def replaces_a_user(self) -> None:
        before = self.made["ada"]
        body = {key: before[key] for key in ["schemas", "id", "meta", "userName", "name", ENTERPRISE]}
        after = self.users.replace({**body, "active": True, "preferredLanguage": "en-GB"})
        expect("id", after["id"], before["id"])
        expect("meta.created", after["meta"]["created"], before["meta"]["created"])
        expect("preferredLanguage", after["preferredLanguage"], "en-GB")
        expect("what the replacement left out", {"emails", "title"} & set(after), set())
        expect("the user", self.users.read(before["id"]), after)
        self.made["outdated"], self.made["ada"] = before, after

    def is_refused_a_replacement_of_an_outdated_version(self) -> None:
        outdated = self.made.pop("outdated")
        if self.config["etag"]["supported"]:
            with refused(412):  # scim2-client sends meta.version as If-Match
                self.users.replace({**outdated, "title": "Outdated"})
            expect("the user", self.users.read(outdated["id"]), self.made["ada"])

    # Groups

    def creates_a_group_with_members(self) -> None:
        charles, mary = self.made["charles"], self.made["mary"]
        group = self.groups.create(
            {
                "schemas": [GROUP],
                "displayName": "journey.analysts",
                "members": [
                    {"value": charles["id"], "$ref": charles["meta"]["location"], "type": "User"},
                    {"value": mary["id"]},
                ],
            }
        )
        expect("meta.location", group["meta"]["location"], f"{self.base_url}/Groups/{group['id']}")
        self.expect_members(group, "charles", "mary")
        self.expect_members(self.groups.read(group["id"]), "charles", "mary")
        self.analysts = group["id"]

    def changes_the_members(self) -> None:
        michael, charles = self.made["michael"]["id"], self.made["charles"]["id"]
        added = {"op": "add", "path": "members", "value": [{"value": michael}]}
        self.expect_members(self.groups.patch(self.analysts, added), "charles", "mary", "michael")
        self.expect_members(self.groups.patch(self.analysts, added), "charles", "mary", "michael")
        removed = {"op": "remove", "path": f'members[value eq "{charles}"]'}
        self.expect_members(self.groups.patch(self.analysts, removed), "mary", "michael")
        renamed = {"op": "replace", "path": "displayName", "value": "journey.readers"}
        self.expect_members(self.groups.patch(self.analysts, renamed), "mary", "michael")
        found = self.groups.query(filter='displayName eq "journey.readers"')
        expect("groups of that name", [group["id"] for group in found["Resources"]], [self.analysts])

    def expect_members(self, group: Json, *names: str) -> None:
        members = sorted(member["value"] for member in group.get("members", []))
        expect(f"members of {group['displayName']}", members, sorted(self.made[name]["id"] for name in names))

    # The end

    def is_told_what_does_not_exist(self) -> None:
        with refused(404):
            self.users.read(NOBODY)
        with refused(404):
            self.users.delete(NOBODY)
        with refused(404):
            self.groups.patch(NOBODY, {"op": "replace", "path": "displayName", "value": "nobody"})

    def deletes_everything(self) -> None:
        self.groups.delete(self.analysts)
        with refused(404):
            self.groups.read(self.analysts)
        for user in self.made.values():
            self.users.delete(user["id"])
            with refused(404):
                self.users.read(user["id"])
        # Asked before, and found then: the same question has another answer now.
        expect("users left", self.users.names(filter='userName eq "journey.ada"'), [])


def main() -> int:
    if len(sys.argv) != 2 or "SCIM_TOKEN" not in os.environ:
        print(__doc__, file=sys.stderr)
        return 2
    requests = Journey(sys.argv[1].rstrip("/"), os.environ["SCIM_TOKEN"]).travel()
    print(f"{requests} requests, every promise kept")
    return 0


if __name__ == "__main__":
    sys.exit(main())
