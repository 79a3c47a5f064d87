"""The same in FastAPI and SQLAlchemy, as their documentation shows it: a session a request, models in and out,
JWT (HS256), Argon2id with the parameters Accord uses. SQLite with WAL and synchronous=FULL."""

import datetime
import json
import os
import uuid
from typing import Annotated
import jwt
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from fastapi import Depends, FastAPI, HTTPException, Query, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import JSON, ForeignKey, Index, case, create_engine, event, func, insert, select, tuple_
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

SECRET = "a secret of the bench, long enough to be one"
engine = create_engine(f"sqlite:///{os.environ['BENCH_DATABASE']}", pool_size=8, max_overflow=0)
new_session = sessionmaker(engine, expire_on_commit=False)
hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@event.listens_for(engine, "connect")
def settings(connection, _):
    for pragma in ["journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"]:
        connection.execute(f"PRAGMA {pragma}")


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


def new_id():
    return str(uuid.uuid4())


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    email: Mapped[str] = mapped_column(primary_key=True)
    password_hash: Mapped[str]


class Supplier(Base):
    __tablename__ = "suppliers"
    __table_args__ = (Index("suppliers_name", "name", "id"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    external_id: Mapped[str | None] = mapped_column(unique=True)
    kind: Mapped[str]
    name: Mapped[str]
    status: Mapped[str]
    legal_ids: Mapped[list] = mapped_column(JSON)
    categories: Mapped[list] = mapped_column(JSON)
    regions: Mapped[list] = mapped_column(JSON)
    address: Mapped[dict | None] = mapped_column(JSON)
    customer_facing: Mapped[bool]
    parent_id: Mapped[str | None]
    revision: Mapped[int]
    created_at: Mapped[datetime.datetime]
    updated_at: Mapped[datetime.datetime]


class Feedback(Base):
    __tablename__ = "feedback"
    __table_args__ = (Index("feedback_supplier", "supplier_id", "answered_at"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    external_id: Mapped[str | None] = mapped_column(unique=True)
    supplier_id: Mapped[str] = mapped_column(ForeignKey("suppliers.id"))
    answered_at: Mapped[datetime.datetime]
    job_ref: Mapped[str | None]
    customer_ref: Mapped[str | None]
    satisfaction: Mapped[int | None]
    recommend: Mapped[int | None]
    created_at: Mapped[datetime.datetime] = mapped_column(default=now)


class Commitment(Base):
    __tablename__ = "commitments"
    __table_args__ = (Index("commitments_promise", "promise_id", "due_at"),)
    id: Mapped[str] = mapped_column(primary_key=True, default=new_id)
    promise_id: Mapped[int]
    made_at: Mapped[datetime.datetime]
    due_at: Mapped[datetime.datetime]
    fulfilled_at: Mapped[datetime.datetime | None]
    kept: Mapped[bool]


class SupplierOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: str
    external_id: str | None
    kind: str
    name: str
    status: str
    legal_ids: list[dict]
    categories: list[str]
    regions: list[str]
    address: dict | None
    customer_facing: bool
    parent_id: str | None
    revision: int
    created_at: datetime.datetime
    updated_at: datetime.datetime


class SupplierPage(BaseModel):
    data: list[SupplierOut]
    after: str | None


class NewFeedback(BaseModel):
    supplier_id: str
    external_id: str | None = None
    answered_at: datetime.datetime = Field(default_factory=now)
    job_ref: str | None = Field(None, max_length=200)
    customer_ref: str | None = Field(None, max_length=200)
    satisfaction: int | None = Field(None, ge=1, le=5)
    recommend: int | None = Field(None, ge=0, le=10)


class FeedbackOut(NewFeedback):
    model_config = ConfigDict(from_attributes=True)
    id: str
    created_at: datetime.datetime


class Numbers(BaseModel):
    answers: int
    mean: float | None
    satisfied: int
    promoters: int
    detractors: int


class KeptRate(BaseModel):
    n: int
    k: int


class Login(BaseModel):
    email: str
    password: str


app = FastAPI()
bearer = HTTPBearer()


def session():
    with new_session() as one:
        yield one


def caller(credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]):
    try:
        return jwt.decode(credentials.credentials, SECRET, algorithms=["HS256"])["sub"]
    except jwt.InvalidTokenError:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED)


Db = Annotated[Session, Depends(session)]
By = Annotated[str, Depends(caller)]


@app.get("/health")
def health():
    return {}


@app.post("/login")
def login(given: Login, db: Db):
    user = db.get(User, given.email)
    try:
        hasher.verify(user.password_hash if user else hasher.hash(""), given.password)
    except VerifyMismatchError:
        raise HTTPException(status.HTTP_401_UNAUTHORIZED)
    expires = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=1)
    return {"access_token": jwt.encode({"sub": user.email, "exp": expires}, SECRET, algorithm="HS256")}


@app.get("/suppliers/{supplier_id}")
def get_supplier(supplier_id: str, by: By, db: Db) -> SupplierOut:
    found = db.get(Supplier, supplier_id)
    if found is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND)
    return found


@app.get("/suppliers")
def list_suppliers(by: By, db: Db, after: str | None = None, limit: Annotated[int, Query(le=100)] = 50) -> SupplierPage:
    query = select(Supplier).order_by(Supplier.name, Supplier.id).limit(limit)
    if after:
        query = query.where(tuple_(Supplier.name, Supplier.id) > tuple_(*json.loads(after)))
    found = db.scalars(query).all()
    last = json.dumps([found[-1].name, found[-1].id]) if len(found) == limit else None
    return SupplierPage(data=found, after=last)


@app.get("/feedback-numbers")
def feedback_numbers(supplier_id: str, since: datetime.date, until: datetime.date, by: By, db: Db) -> Numbers:
    """Days from the first to the last."""
    end = until + datetime.timedelta(days=1)
    query = select(
        func.count().label("answers"), func.avg(Feedback.satisfaction).label("mean"),
        func.count(case((Feedback.satisfaction >= 4, 1))).label("satisfied"),
        func.count(case((Feedback.recommend >= 9, 1))).label("promoters"),
        func.count(case((Feedback.recommend <= 6, 1))).label("detractors"),
    ).where(Feedback.supplier_id == supplier_id, Feedback.answered_at >= midnight(since),
            Feedback.answered_at < midnight(end))
    return Numbers(**db.execute(query).mappings().one())


@app.get("/kept-rate")
def kept_rate(promise_id: int, since: datetime.date, until: datetime.date, by: By, db: Db) -> KeptRate:
    end = until + datetime.timedelta(days=1)
    query = select(func.count().label("n"), func.count(case((Commitment.kept, 1))).label("k")).where(
        Commitment.promise_id == promise_id, Commitment.due_at >= midnight(since), Commitment.due_at < midnight(end))
    return KeptRate(**db.execute(query).mappings().one())


def midnight(day):
    return datetime.datetime.combine(day, datetime.time())


@app.post("/feedback", status_code=201)
def create_feedback(new: NewFeedback, by: By, db: Db) -> FeedbackOut:
    row = Feedback(**new.model_dump())
    db.add(row)
    db.commit()
    return row


@app.post("/feedback/lots", status_code=201)
def create_lot(new: list[NewFeedback], by: By, db: Db) -> int:
    db.execute(insert(Feedback), [{"id": new_id(), **one.model_dump()} for one in new])
    db.commit()
    return len(new)
