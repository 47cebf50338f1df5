"""Redis on several servers, of any kind: replicas with sentinels, and clusters. Loopback, free ports, temporary folders.

    with Workbench() as bench:
        cluster = ClusterSet(bench, server="valkey-9")
        bench.serve(url=cluster.url, environment=cluster.environment)
        cluster.move_slot(42, cluster.masters()[1])

A server is asked over a Unix socket of its own, so that it can be asked whatever is wrong with its network.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import signal
import string
import time
import urllib.parse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import resp
from certificates import Authority
from programs import Programs, free_port, is_answering, wait_until
from redis_servers import servers

SLOTS = 16384
Lines = Sequence[tuple[object, ...]]  # of a configuration


@dataclass(frozen=True)
class Place:
    """Where a server runs: an address, and a command ahead of its own, such as `ip netns exec NAME`."""

    address: str = "127.0.0.1"
    command: tuple[str, ...] = ()


@dataclass(frozen=True)
class Access:
    """How servers are reached: a password of the default user, another user with its rights, TLS, and a name.

    `name` is what the servers tell of themselves instead of their address; it has to lead there.
    """

    password: str = ""
    user: str = ""  # with the same password
    rights: str = "~* &* +@all"
    authority: Authority | None = None
    names: tuple[str, ...] = ("DNS:localhost", "IP:127.0.0.1")  # in the servers' certificates
    announced_name: str = ""

    @property
    def ahead(self) -> str:
        """User and password in a URL."""
        if not self.password:
            return ""
        return f"{urllib.parse.quote(self.user, safe='')}:{urllib.parse.quote(self.password, safe='')}@"

    @property
    def user_line(self) -> tuple[str, ...]:
        # A password with spaces has no other form in a file.
        digest = hashlib.sha256(self.password.encode()).hexdigest()
        return ("user", self.user, "on", f"#{digest}", *self.rights.split())

    @property
    def scheme(self) -> str:
        return "rediss" if self.authority else "redis"

    @property
    def environment(self) -> dict[str, str]:
        """What a worker needs beside the URL."""
        return {"REDIS_TLS_CA_FILE": str(self.authority.file)} if self.authority else {}


class Node:
    """A server: data or sentinel. Its configuration is a file that it may write itself."""

    def __init__(
        self, programs: Programs, name: str, server: str, place: Place, access: Access, lines: Lines, *words: str
    ) -> None:
        self.name, self.place, self.access = name, place, access
        self.port = free_port_with_bus()
        self.id = ""  # in a cluster
        self.socket = programs.folder / f"{name}.sock"
        self._programs = programs
        folder = programs.folder / f"{name}.d"
        folder.mkdir()
        self._file = folder / "redis.conf"
        common = [
            ("bind", place.address), ("port", 0 if access.authority else self.port), ("unixsocket", self.socket),
            ("dir", folder), ("logfile", ""), ("protected-mode", "no"),
            *self._tls_lines(folder),
        ]  # fmt: skip
        self._file.write_text("".join(map(_text, [*common, *lines])))
        self._command = [*place.command, servers()[server], self._file, *words]
        self.start()

    def _tls_lines(self, folder: Path) -> Lines:
        authority = self.access.authority
        if not authority:
            return []
        certificate = authority.issue(self.name, *self.access.names)
        return [
            ("tls-port", self.port), ("tls-cert-file", certificate.file), ("tls-key-file", certificate.key),
            ("tls-ca-cert-file", authority.file), ("tls-auth-clients", "no"), ("tls-replication", "yes"),
        ]  # fmt: skip

    @property
    def address(self) -> str:
        """Where others reach it: host and port."""
        return f"{self.host}:{self.port}"

    @property
    def host(self) -> str:
        return self.access.announced_name or self.place.address

    def ask(self, *command: object) -> Any:
        return self.ask_all(command)

    def ask_all(self, *commands: tuple[object, ...]) -> Any:
        """The reply to the last of them; the others shall not fail."""
        ahead = [("AUTH", self.access.password)] if self.access.password else []
        try:
            return resp.ask(self.socket, *ahead, *commands)
        except ConnectionError:
            # Sentinel ends all connections of a server whose role it changes, before or behind the question.
            return resp.ask(self.socket, *ahead, *commands)

    def info(self, section: str) -> dict[str, str]:
        lines = (line.partition(":") for line in self.ask("INFO", section).splitlines())
        return {name: value for name, _, value in lines}

    @property
    def is_running(self) -> bool:
        """Not when it was killed; a paused one is running."""
        return self._programs.has(self.name)

    @property
    def is_master(self) -> bool:
        return self.ask("ROLE")[0] == "master"

    def follows(self, port: int | None = None) -> bool:
        """Whether it is a replica (of the master there) that has all that its master had."""
        # One question: a server may become another thing behind any.
        role = self.ask("ROLE")
        return role[0] == "slave" and role[3] == "connected" and port in (None, role[2])

    @property
    def process(self) -> int:
        return self._programs.process(self.name)

    def start(self) -> None:
        """Also after `kill`: with the configuration and the data that it had."""
        self._programs.start(self.name, *self._command)
        self._programs.await_start(self.name, lambda: is_answering(self.socket))

    def kill(self) -> None:
        """It ends at once, without a word to anybody."""
        self._programs.kill(self.name)

    @property
    def is_paused(self) -> bool:
        return self._programs.is_stopped(self.name)

    def pause(self) -> None:
        os.kill(self.process, signal.SIGSTOP)

    def resume(self) -> None:
        os.kill(self.process, signal.SIGCONT)

    def __repr__(self) -> str:
        return f"{self.name} ({self.address})"


class SentinelSet:
    """A master, its replicas, and sentinels that watch them."""

    def __init__(
        self,
        programs: Programs,
        *,
        replicas: int = 2,
        sentinels: int = 3,
        server: str = "redis-7.0",
        access: Access = Access(),
        sentinel_access: Access | None = None,
        down_after: int = 500,
        failover_timeout: int = 3000,
        options: Lines = (),
        sentinel_options: Lines = (),
        places: Sequence[Place] = (Place(),),
        name: str = "state",
        prefix: str = "",
    ) -> None:
        """`places` are taken in turn: a data server and a sentinel in each. Times are milliseconds."""
        self.name, self.access = name, access
        self.sentinel_access = sentinel_access or Access(authority=access.authority, announced_name=access.announced_name)
        self._places = places
        self._make = lambda kind, index, of, lines, *words: Node(
            programs, f"{prefix}{kind}-{index + 1}", server, places[index % len(places)], of, lines, *words
        )
        self.data: list[Node] = []
        for index in range(replicas + 1):
            follow = [("replicaof", self.data[0].host, self.data[0].port)] if index else []
            self.data.append(self._make("data", index, access, [*_data_lines(access), *options, *follow]))
        wait_until(lambda: all(node.follows() for node in self.data[1:]), "replicas that have all")
        self.sentinels: list[Node] = []
        for index in range(sentinels):
            lines = self._sentinel_lines(index, sentinels // 2 + 1, down_after, failover_timeout)
            of = self.sentinel_access
            self.sentinels.append(self._make("sentinel", index, of, [*lines, *sentinel_options], "--sentinel"))
        self.wait_until_good()

    def _sentinel_lines(self, index: int, quorum: int, down_after: int, failover_timeout: int) -> Lines:
        of, name, master = self.sentinel_access, self.name, self.data[0]
        # Names first: the line that tells of a master is read by them.
        lines: list[tuple[object, ...]] = []
        if self.access.announced_name:
            lines += [("sentinel resolve-hostnames yes",), ("sentinel announce-hostnames yes",)]
        if of.announced_name:
            lines += [("sentinel announce-ip", of.announced_name)]
        lines += [
            ("sentinel myid", f"{index + 1:040x}"),
            ("sentinel monitor", name, master.host, master.port, quorum),
            ("sentinel down-after-milliseconds", name, down_after),
            ("sentinel failover-timeout", name, failover_timeout),
            ("sentinel parallel-syncs", name, 9),
        ]
        if self.access.password:
            lines += [("sentinel auth-pass", name, self.access.password)]
        if of.password:
            lines += [("requirepass", of.password), ("sentinel sentinel-pass", of.password)]
        if of.user:
            lines += [of.user_line]
        # They would find one another, in two seconds.
        lines += [("sentinel known-replica", name, node.host, node.port) for node in self.data[1:]]
        for number, node in enumerate(self.sentinels):
            lines += [("sentinel known-sentinel", name, node.host, node.port, f"{number + 1:040x}")]
        return lines

    @property
    def url(self) -> str:
        addresses = ",".join(node.address for node in self.sentinels)
        return f"{self.access.scheme}-sentinel://{self.access.ahead}{addresses}/{self.name}"

    @property
    def environment(self) -> dict[str, str]:
        return self.access.environment

    @property
    def nodes(self) -> list[Node]:
        return [*self.data, *self.sentinels]

    def master(self, sentinel: Node | None = None) -> Node:
        """Who a sentinel says it is."""
        asked = sentinel or _first(self.sentinels)
        port = int(asked.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", self.name)[1])
        return next(node for node in self.data if node.port == port)

    def replicas(self) -> list[Node]:
        """The others that run."""
        master = self.master()
        return [node for node in self.data if node is not master and node.is_running]

    def fail_over(self) -> Node:
        """As an operator does it, and the new master, which is one already."""
        before = self.master()
        wait_until(lambda: self._begins(), "a replica that can be promoted")
        return self.await_another(before)

    def _begins(self) -> bool:
        try:
            _first(self.sentinels).ask("SENTINEL", "FAILOVER", self.name)
        except resp.RedisError as error:
            if not str(error).startswith(("NOGOODSLAVE", "INPROG")):
                raise
            return False
        return True

    def await_another(self, former: Node, sentinel: Node | None = None) -> Node:
        """The master that takes the place of a former one, by what a sentinel says."""

        def is_there() -> bool:
            master = self.master(sentinel)
            return master is not former and master.is_master

        wait_until(is_there, "a failover", 60)
        return self.master(sentinel)

    def wait_until_good(self, seconds: float = 60) -> None:
        """Every server runs, and every sentinel knows that all are there."""
        wait_until(self.is_good, "sentinels that see all as it should be", seconds)

    def is_good(self) -> bool:
        master = self.master()
        if not master.is_master or any(not node.follows(master.port) for node in self.data if node is not master):
            return False
        return all(self._is_content(sentinel, master) for sentinel in self.sentinels)

    def _is_content(self, sentinel: Node, master: Node) -> bool:
        words = sentinel.ask("SENTINEL", "MASTER", self.name)
        told = dict(zip(words[::2], words[1::2]))
        replicas = sentinel.ask("SENTINEL", "REPLICAS", self.name)
        flags = [dict(zip(words[::2], words[1::2]))["flags"] for words in replicas]
        return (
            (told["port"], told["flags"]) == (str(master.port), "master")
            and int(told["num-other-sentinels"]) == len(self.sentinels) - 1
            and sorted(flags) == ["slave"] * (len(self.data) - 1)
        )


class ClusterSet:
    """Masters that share the slots evenly, each with replicas."""

    def __init__(
        self,
        programs: Programs,
        *,
        masters: int = 3,
        replicas: int = 1,
        server: str = "redis-7.0",
        access: Access = Access(),
        node_timeout: int = 1000,
        options: Lines = (),
        options_of: Callable[[int], Lines] = lambda index: (),
        places: Sequence[Place] = (Place(),),
        prefix: str = "",
    ) -> None:
        """`replicas` are those of each master; `options_of` are those of the node with an index from 0. `places` are
        taken in turn. The time is in milliseconds.
        """
        self.access = access
        self.nodes: list[Node] = []

        def make() -> Node:
            index = len(self.nodes)
            lines = [
                *_data_lines(access), ("cluster-enabled", "yes"), ("cluster-node-timeout", node_timeout),
                ("cluster-replica-validity-factor", 0), *options, *options_of(index),
            ]  # fmt: skip
            if access.announced_name:
                lines += [
                    ("cluster-announce-hostname", access.announced_name), ("cluster-preferred-endpoint-type", "hostname")
                ]  # fmt: skip
            if access.authority:
                lines += [("tls-cluster", "yes")]
            node = Node(programs, f"{prefix}node-{index + 1}", server, places[index % len(places)], access, lines)
            node.id = node.ask("CLUSTER", "MYID")
            self.nodes.append(node)
            return node

        self._make = make
        for _ in range(masters * (1 + replicas)):
            make()
        bounds = [SLOTS * number // masters for number in range(masters + 1)]
        for number, node in enumerate(self.nodes[:masters]):
            node.ask("CLUSTER", "ADDSLOTS", *range(bounds[number], bounds[number + 1]))
        for number, node in enumerate(self.nodes):
            # Otherwise they quarrel about their numbers first.
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        for node in self.nodes[1:]:
            self._meet(node)
        self._await_acquaintance()
        for number, node in enumerate(self.nodes[masters:]):
            node.ask("CLUSTER", "REPLICATE", self.nodes[number % masters].id)
        self.wait_until_good()

    def _meet(self, node: Node) -> None:
        for other in self.nodes:
            if other is not node and other.is_running:
                node.ask("CLUSTER", "MEET", other.place.address, other.port)

    def _await_acquaintance(self) -> None:
        ids = {node.id for node in self.nodes}

        def all_know_all() -> bool:
            return all(ids <= set(node.known()) for node in map(_View, self.running()))

        wait_until(all_know_all, "nodes that know one another", 60)

    @property
    def url(self) -> str:
        return self.url_of(self.nodes)

    def url_of(self, nodes: Iterable[Node]) -> str:
        """With these as the ones that are asked first."""
        addresses = ",".join(node.address for node in nodes)
        return f"{self.access.scheme}-cluster://{self.access.ahead}{addresses}"

    @property
    def environment(self) -> dict[str, str]:
        return self.access.environment

    # ---- Who is what ----

    def running(self) -> list[Node]:
        return [node for node in self.nodes if node.is_running]

    def masters(self, view: Node | None = None) -> list[Node]:
        """Those that have slots, in the order of them, as a node sees it."""
        owners = [self.by_id(part[2][2]) for part in self._slots(view)]
        return list(dict.fromkeys(owners))

    def replicas(self, master: Node) -> list[Node]:
        """Those that follow it now, by its own words."""
        known = _View(master).known().items()
        return [self.by_id(id) for id, words in known if words[2] == master.id and "fail" not in words[1]]

    def owner(self, slot: int, view: Node | None = None) -> Node | None:
        """The master that has this slot, as a node sees it."""
        for part in self._slots(view):
            if part[0] <= slot <= part[1]:
                return self.by_id(part[2][2])
        return None

    def by_id(self, id: str) -> Node:
        return next(node for node in self.nodes if node.id == id)

    def _slots(self, view: Node | None) -> list[Any]:
        return sorted((view or _first(self.nodes)).ask("CLUSTER", "SLOTS"))

    # ---- Changes ----

    def move_slot(self, slot: int, to: Node) -> None:
        """With its keys, while it is used."""
        self.begin_move(slot, to)
        while self.move_keys(slot, to):
            pass
        self.end_move(slot, to)

    def begin_move(self, slot: int, to: Node) -> None:
        source = self.owner(slot, to)
        assert source is not None and source is not to, f"slot {slot} is not another's"
        to.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id)
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", to.id)

    def move_keys(self, slot: int, to: Node, count: int = 100) -> int:
        """Moves so many keys at most, and returns how many."""
        source = self.owner(slot, to)
        assert source is not None
        keys = source.ask("CLUSTER", "GETKEYSINSLOT", slot, count)
        if keys:
            password = ("AUTH", self.access.password) if self.access.password else ()
            source.ask("MIGRATE", to.place.address, to.port, "", 0, 5000, *password, "KEYS", *keys)
        return len(keys)

    def end_move(self, slot: int, to: Node) -> None:
        # The new owner first: a slot without one is worse than a slot with two.
        others = [node for node in self.masters(to) if node is not to]
        for node in [to, *others]:
            if node.is_running:
                _tell(node, ("CLUSTER", "SETSLOT", slot, "NODE", to.id))

    def add_node(self, replica_of: Node | None = None) -> Node:
        """A master without slots, or a replica."""
        node = self._make()
        self._meet(node)
        self._await_acquaintance()
        if replica_of:
            node.ask("CLUSTER", "REPLICATE", replica_of.id)
        self.wait_until_good()
        return node

    def move_all_slots(self, source: Node) -> None:
        """To the other masters, in turn: what a removal begins with."""
        parts = [part for part in self._slots(source) if part[2][2] == source.id]
        slots = [slot for part in parts for slot in range(part[0], part[1] + 1)]
        others = [node for node in self.masters(source) if node is not source]
        with_keys = [slot for slot in slots if source.ask("CLUSTER", "COUNTKEYSINSLOT", slot)]
        for number, slot in enumerate(with_keys):
            self.move_slot(slot, others[number % len(others)])
        rest = sorted(set(slots) - set(with_keys))
        for number, node in enumerate(others):
            commands = [("CLUSTER", "SETSLOT", slot, "NODE", node.id) for slot in rest[number :: len(others)]]
            # The new owner first, here as well.
            for told in [node, source, *(other for other in others if other is not node)]:
                if commands:
                    _tell(told, *commands)

    def remove_node(self, node: Node) -> None:
        """One that has no slots (any more); it ends."""
        for follower in [other for other in self.running() if _View(other).master_id() == node.id]:
            follower.ask("CLUSTER", "REPLICATE", self.masters(follower)[0].id)
        node.kill()
        self.nodes.remove(node)
        for other in self.running():
            other.ask("CLUSTER", "FORGET", node.id)

    def fail_over(self, replica: Node, *words: str) -> None:
        """Promotes it, as an operator does. The words are FORCE or TAKEOVER, where its master cannot take part."""
        asks_again = 0.0

        def is_promoted() -> bool:
            nonlocal asks_again
            # Redis gives up after five seconds what it could not carry out. An order before that begins it anew, and all who
            # write wait for longer.
            if not replica.is_master and time.monotonic() >= asks_again:
                with contextlib.suppress(resp.RedisError):
                    replica.ask("CLUSTER", "FAILOVER", *words)
                    asks_again = time.monotonic() + 6
            return replica.is_master

        wait_until(is_promoted, "a promotion", 60)

    def await_promotion(self, former: Node, slot: int | None = None) -> Node:
        """The master that has got the slots of a former one. One of these slots has to be given where that may have
        happened already.
        """
        view = next(node for node in self.running() if node is not former and not node.is_paused)
        of_it = slot if slot is not None else next(part[0] for part in self._slots(view) if part[2][2] == former.id)

        def is_there() -> bool:
            owner = self.owner(of_it, view)
            return owner is not None and owner is not former and owner.is_running

        try:
            wait_until(is_there, "a promotion", 60)
        except TimeoutError as error:
            answering = [node for node in self.running() if not node.is_paused]
            views = "\n".join(node.ask("CLUSTER", "NODES") for node in answering)
            raise TimeoutError(f"{error}, of slot {of_it} and {former.id}. The nodes say:\n{views}") from None
        promoted = self.owner(of_it, view)
        assert promoted is not None
        return promoted

    # ---- Whether all is well ----

    def wait_until_good(self, seconds: float = 60) -> None:
        """Every node that runs is content, sees the same owners, and replicas have all."""
        wait_until(self.is_good, "a cluster that is content", seconds)

    def is_good(self) -> bool:
        running = self.running()
        if any(node.info_cluster()["cluster_state"] != "ok" for node in map(_View, running)):
            return False
        owners = {tuple((part[0], part[1], part[2][2]) for part in self._slots(node)) for node in running}
        followed = {_View(node).followed_by([other.id for other in running]) for node in running}
        return len(owners) == len(followed) == 1 and all(node.is_master or node.follows() for node in running)


class _View:
    """What a node of a cluster says of all."""

    def __init__(self, node: Node) -> None:
        self._node = node

    def known(self) -> dict[str, list[str]]:
        """By id: address, flags, the master's id; without those that have just been met."""
        lines = [line.split() for line in self._node.ask("CLUSTER", "NODES").splitlines()]
        return {words[0]: words[1:] for words in lines if "handshake" not in words[2] and "noaddr" not in words[2]}

    def master_id(self) -> str:
        return self.known()[self._node.id][2]

    def followed_by(self, ids: list[str]) -> tuple[str, ...]:
        """Whom each of them follows, or nobody."""
        known = self.known()
        return tuple(known[id][2] if id in known else "unknown" for id in ids)

    def info_cluster(self) -> dict[str, str]:
        lines = (line.partition(":") for line in self._node.ask("CLUSTER", "INFO").splitlines())
        return {name: value for name, _, value in lines}


def slot_of(key: str) -> int:
    """The slot of a key: CRC-16 (XMODEM) of it, or of its hash tag."""
    tag = key.partition("{")[2].partition("}")
    hashed = tag[0] if tag[0] and tag[1] else key
    crc = 0
    for byte in hashed.encode():
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc % SLOTS


def key_in(slot: int, prefix: str = "u") -> str:
    """A name for a user whose state is in this slot, with the usual prefix and the workspace `w1`."""
    for length in range(3, 6):
        for _ in range(SLOTS * 4):
            user = prefix + "".join(random.choices(string.ascii_lowercase + string.digits, k=length))
            if slot_of(f"hyvve:dashboard:state:{user}:w1") == slot:
                return user
    raise AssertionError(f"no name was found for slot {slot}")


def _data_lines(access: Access) -> Lines:
    lines: list[tuple[object, ...]] = [("save", ""), ("repl-diskless-sync", "yes"), ("repl-diskless-sync-delay", 0)]
    if access.password:
        lines += [("requirepass", access.password), ("masterauth", access.password)]
    if access.user:
        lines += [access.user_line]
    if access.announced_name:
        lines += [("replica-announce-ip", access.announced_name)]
    return lines


def _tell(node: Node, *commands: tuple[object, ...]) -> None:
    """Valkey has replicas confirm who has a slot: those of a master without slots are on their way elsewhere then. What
    they do not confirm they hear from others. A master whose last slot is gone may have become a replica by itself.
    """
    try:
        node.ask_all(*commands)
    except resp.RedisError as error:
        if not str(error).startswith(("NOREPLICAS", "ERR Please use SETSLOT only with masters")):
            raise


def _text(line: tuple[object, ...]) -> str:
    """A line of a configuration, with its words as they are."""
    words = (str(word).replace("\\", "\\\\").replace('"', '\\"') for word in line[1:])
    return " ".join([str(line[0]), *(f'"{word}"' for word in words)]) + "\n"


def _first(nodes: Iterable[Node]) -> Node:
    """One that answers."""
    for node in nodes:
        if node.is_running and not node.is_paused:
            return node
    raise AssertionError("none of them runs")


def free_port_with_bus() -> int:
    """One whose cluster bus, at 10,000 more, is free too."""
    return free_port(10_000)
