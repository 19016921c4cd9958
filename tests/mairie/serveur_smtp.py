"""A tiny SMTP server on the loopback, for the tests: it keeps what it took, refuses what it is told to."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Boite:
    """What the server took, and its answers: ``refus`` maps an address to the line that refuses it."""

    hote: str = "127.0.0.1"
    port: int = 0
    messages: list[bytes] = field(default_factory=list)
    refus: dict[str, str] = field(default_factory=dict)
    couper_avant_reponse: bool = False


@contextmanager
def serveur_smtp() -> Iterator[Boite]:
    """Serve until the end of the block."""
    boite = Boite()

    class Session(socketserver.StreamRequestHandler):
        def dire(self, ligne: str) -> None:
            self.wfile.write(f"{ligne}\r\n".encode())

        def handle(self) -> None:
            self.dire("220 essai.invalid")
            for brut in self.rfile:
                mot, _, suite = brut.decode().strip().partition(" ")
                match mot.upper():
                    case "EHLO" | "HELO":
                        self.dire("250 essai.invalid")
                    case "RCPT":
                        adresse = suite.split("<")[1].split(">")[0]
                        self.dire(boite.refus.get(adresse, "250 bien"))
                    case "DATA":
                        self.dire("354 allez")
                        lignes = []
                        for ligne in self.rfile:
                            if ligne == b".\r\n":
                                break
                            lignes.append(ligne)
                        boite.messages.append(b"".join(lignes))
                        if boite.couper_avant_reponse:
                            return
                        self.dire(f"250 2.0.0 pris sous le numero {len(boite.messages)}")
                    case "QUIT":
                        self.dire("221 au revoir")
                        return
                    case _:
                        self.dire("250 bien")

    class Serveur(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Serveur((boite.hote, 0), Session) as serveur:
        boite.port = serveur.server_address[1]
        fil = threading.Thread(target=serveur.serve_forever, daemon=True)
        fil.start()
        yield boite
        serveur.shutdown()
