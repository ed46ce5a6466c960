"""Sign-offs: who signed which words of which policy, kept whole and for good, a new signature beside the one before."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection, Row, insert, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.cases import records
from bot.cases.keys.keystore import Head, KeyStore
from bot.cases.keys.sealing import CaseKey, SealBroken
from bot.cases.people.signatures import (
    HEAD,
    Signature,
    SignOffsDamaged,
    add_signature,
    keyed_words,
    signature_of,
    words_place,
)
from bot.cases.reports.drafts import PERSON
from bot.engines import Busy, Store, Unreachable
from bot.induction.document import Document, document_of, read_document
from bot.induction.due import Signed
from bot.ports import Clock
from knowledge.errors import TouchstoneError
from knowledge.model import Policy

WALK, FORM = "walk", "form"
"""How a signature came: at the end of the walk, or with the form ``sign_agreement``."""

NOT_STORED = (SQLAlchemyError, OSError, Busy, Unreachable)
"""What says that nothing was stored."""

_log = structlog.get_logger()


class NoSuchSignOff(TouchstoneError):
    """This owner has signed nothing of that id."""


class NotSurelySigned(TouchstoneError):
    """It was not seen to be stored as it was signed: it may be, and may not; nothing may be called signed."""


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote with their signature.

    Attributes:
        name: theirs.
        role: theirs.
        signed: their name typed again, which stands for the signature.
        read: what they said they had read, by its values.
        owner: as in ``SaveDraft``, of a person: sealed with it, so that whoever may can tell whose it is. Empty for who
            signed by a code: a code is written down nowhere.
    """

    name: str = field(repr=False)
    role: str = field(repr=False)
    signed: str = field(repr=False)
    read: tuple[str, ...] = ()
    owner: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SignOff:
    """A signature with what was written and what was signed.

    Attributes:
        signature: the row of the chain.
        written: what was written; None where that was deleted, or is not opened.
        document: the whole policy as it was signed.
    """

    signature: Signature
    written: Written | None
    document: Document

    @property
    def id(self) -> str:
        """Its id."""
        return self.signature.id

    @property
    def at(self) -> datetime:
        """When it was signed, in UTC."""
        return self.signature.signed_at

    def counts_as(self) -> Signed:
        """What ``due`` turns on."""
        return Signed(self.id, self.document.digest, self.document.words, self.at)


@dataclass(frozen=True, slots=True)
class Signing:
    """What is about to be signed.

    Attributes:
        owner: who signs, as in ``SaveDraft``.
        document: the whole policy as it is shown.
        agreement: the words that stand over the signature.
        written: what is written with it.
        form: the id of the form in which it is signed; the same one is the same signature.
        school: where.
        way: ``WALK`` or ``FORM``.
    """

    owner: str = field(repr=False)
    document: Document
    agreement: str
    written: Written
    form: str
    school: str
    way: str = WALK


@dataclass(frozen=True, slots=True)
class SignOffs:
    """Keeps sign-offs.

    Attributes:
        store: the records.
        keys: the keys of what is written with them, and of the chain.
        owner_key: 32 bytes; makes the hashes of owners, as those of walks.
        clock: what time it is.
    """

    store: Store
    keys: KeyStore
    owner_key: bytes = field(repr=False)
    clock: Clock

    def hash_of(self, owner: str) -> str:
        """By what an owner is known: HMAC-SHA256, in hexadecimal."""
        return hmac.new(self.owner_key, owner.encode(), hashlib.sha256).hexdigest()

    # -------------------------------------------------------------------------------------------------- signing

    def sign(self, signing: Signing) -> SignOff:
        """Stores a signature and reads it back; the same form gives the same sign-off, however often it comes.

        Raises:
            NotSurelySigned: it was not seen to be stored.
            SignOffsDamaged: the chain was cut, so that nothing is added to it.
            SQLAlchemyError: it is surely not stored; so with ``Busy``, ``Unreachable`` and ``OSError``.
        """
        known = self._by_form(signing)
        if known is None:
            add = self.prepared(signing)
            try:
                with self.store.writing() as connection:
                    end = add(connection)
                    try:
                        connection.commit()
                    except (SQLAlchemyError, OSError):
                        raise NotSurelySigned from None
            except IntegrityError:
                if self._by_form(signing) is None:
                    raise
            else:
                self.remember(end)
        with self.store.reading_afresh() as connection:
            found = self._by_form(signing, connection)
            if found is None:
                raise NotSurelySigned
            kept = self._opened(connection, found)
        if kept.written is None or kept.document.digest != signing.document.digest:
            raise NotSurelySigned
        return kept

    def prepared(self, signing: Signing) -> Callable[[Connection], Head]:
        """Makes all ready, the key committed first; gives what adds the rows in a transaction of the caller's.

        After the commit the caller calls ``remember`` with what that gave.
        """
        now = self.clock.now()
        sign_off = secrets.token_hex(16)
        key = self.keys.new(sign_off, now)
        words = _packed(replace(signing.written, owner=signing.owner if signing.owner.startswith(PERSON) else ""))
        signature = Signature(
            id=sign_off,
            owner_hash=self.hash_of(signing.owner),
            school=signing.school,
            policy=signing.document.policy,
            digest=signing.document.digest,
            agreement=agreement_digest(signing.agreement),
            way=signing.way,
            form_hash=self._form_hash(signing),
            signed_at=now,
            words_hash=keyed_words(self.keys, words),
        )

        def add(connection: Connection) -> Head:
            self._keep(connection, signing.document)
            end = add_signature(connection, self.keys, signature)
            sealed = key.seal(words, words_place(sign_off))
            connection.execute(insert(records.sign_off_words).values(id=sign_off, sealed=sealed))
            return end

        return add

    def remember(self, end: Head) -> None:
        """Lets the key store remember the newest row; it may lag, and what fails here costs nothing."""
        try:
            self.keys.remember_head(end.number, end.mac, HEAD)
        except (SQLAlchemyError, OSError, TouchstoneError) as failure:
            _log.warning("newest sign-off not remembered", cause=type(failure).__name__)

    # -------------------------------------------------------------------------------------------------- reading

    def of(self, owner: str, policy: str = "") -> tuple[SignOff, ...]:
        """What an owner signed, the newest first; of one policy, where it is named.

        Raises:
            SignOffsDamaged: the words of a policy are not those that were signed.
            SealBroken: what was written does not open.
        """
        if not owner:
            return ()
        table = records.sign_offs
        query = select(table).where(table.c.owner_hash == self.hash_of(owner)).order_by(table.c.number.desc())
        query = query.where(table.c.policy == policy) if policy else query
        with self.store.reading() as connection:
            return tuple(self._opened(connection, signature_of(row)) for row in connection.execute(query).all())

    def find(self, owner: str, sign_off: str = "") -> SignOff:
        """One sign-off of an owner: that of this id, or the newest.

        Raises:
            NoSuchSignOff: they have none.
        """
        found = next((one for one in self.of(owner) if sign_off in {"", one.id}), None)
        if found is None:
            raise NoSuchSignOff
        return found

    def all(self, policy: str, closed: Collection[str] = ()) -> Mapping[str, tuple[SignOff, ...]]:
        """Every sign-off of a policy by the hash of its owner, the newest first; without words what does not open.

        Args:
            policy: the policy's slug.
            closed: hashes of owners of whose sign-offs nothing that was written is opened.
        """
        table = records.sign_offs
        query = select(table).where(table.c.policy == policy).order_by(table.c.number.desc())
        found: dict[str, tuple[SignOff, ...]] = {}
        with self.store.reading() as connection:
            documents: dict[str, Document] = {}
            for row in connection.execute(query).all():
                signature, hashed = signature_of(row), row.owner_hash
                if hashed in closed:
                    one = SignOff(signature, None, self._document(connection, row.digest, documents))
                else:
                    one = self._opened(connection, signature, documents, is_lenient=True)
                found[hashed] = (*found.get(hashed, ()), one)
        return found

    def signed(self, policy: str) -> Mapping[str, tuple[Signed, ...]]:
        """What ``due`` turns on of every sign-off of a policy, by the hash of its owner, the newest first.

        Nothing that anybody wrote is opened.
        """
        table = records.sign_offs
        query = select(table.c.id, table.c.owner_hash, table.c.digest, table.c.signed_at)
        query = query.where(table.c.policy == policy).order_by(table.c.number.desc())
        found: dict[str, tuple[Signed, ...]] = {}
        with self.store.reading() as connection:
            documents: dict[str, Document] = {}
            for row in connection.execute(query).all():
                document = self._document(connection, row.digest, documents)
                one = Signed(row.id, row.digest, document.words, row.signed_at)
                found[row.owner_hash] = (*found.get(row.owner_hash, ()), one)
        return found

    def that_end(self, old: Policy, new: Policy) -> int:
        """How many people's newest signature has the words of one version of a policy and not those of another."""
        stood, stands = document_of(old).words, document_of(new).words
        newest = (mine[0].words for mine in self.signed(new.slug).values())
        return sum(words == stood and words != stands for words in newest)

    # ---------------------------------------------------------------------------------------------------------

    def _by_form(self, signing: Signing, connection: Connection | None = None) -> Signature | None:
        if connection is None:
            with self.store.reading() as reading:
                return self._by_form(signing, reading)
        query = select(records.sign_offs).where(records.sign_offs.c.form_hash == self._form_hash(signing))
        row: Row[tuple[object, ...]] | None = connection.execute(query).one_or_none()
        return None if row is None else signature_of(row)

    def _form_hash(self, signing: Signing) -> str:
        """By what a form is known: the same id from somebody else is another form."""
        said = json.dumps([signing.form, signing.owner, signing.way, signing.document.digest])
        return hmac.new(self.owner_key, said.encode(), hashlib.sha256).hexdigest()

    @staticmethod
    def _keep(connection: Connection, document: Document) -> None:
        table = records.signed_policies
        if connection.scalar(select(table.c.digest).where(table.c.digest == document.digest)) is None:
            row = {"digest": document.digest, "policy": document.policy, "document": document.text}
            connection.execute(insert(table).values(**row))

    @staticmethod
    def _document(connection: Connection, digest: str, known: dict[str, Document]) -> Document:
        if digest not in known:
            table = records.signed_policies
            text = connection.scalar(select(table.c.document).where(table.c.digest == digest))
            if text is None:
                raise SignOffsDamaged
            known[digest] = read_document(text, digest)
        return known[digest]

    def _opened(
        self,
        connection: Connection,
        signature: Signature,
        documents: dict[str, Document] | None = None,
        *,
        is_lenient: bool = False,
    ) -> SignOff:
        document = self._document(connection, signature.digest, {} if documents is None else documents)
        table = records.sign_off_words
        sealed = connection.scalar(select(table.c.sealed).where(table.c.id == signature.id))
        if sealed is None:
            return SignOff(signature, None, document)
        try:
            written = self._unsealed(self.keys.key(signature.id), sealed, signature)
        except SealBroken:
            if not is_lenient:
                raise
            written = None
        return SignOff(signature, written, document)

    def _unsealed(self, key: CaseKey, sealed: bytes, signature: Signature) -> Written:
        words = key.unseal(sealed, words_place(signature.id))
        if not hmac.compare_digest(keyed_words(self.keys, words), signature.words_hash):
            raise SealBroken
        said = json.loads(words)
        return Written(said["name"], said["role"], said["signed"], tuple(said["read"]), said["owner"])


def agreement_digest(words: str) -> str:
    """The SHA-256 of the words that stood over a signature, in hexadecimal."""
    return hashlib.sha256(words.encode()).hexdigest()


def _packed(written: Written) -> str:
    said = {"name": written.name, "role": written.role, "signed": written.signed}
    return json.dumps({**said, "read": list(written.read), "owner": written.owner}, sort_keys=True)
