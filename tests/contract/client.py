"""A script's first calls with the generated Python client: list suppliers, read one, meet a typed
problem. Run by ./clients, which generates the package `accord_client` beside a copy of this file."""

import os
from uuid import UUID, uuid4

from accord_client import AuthenticatedClient
from accord_client.api.suppliers import get_supplier, list_suppliers
from accord_client.models import Problem, Supplier, SupplierKind, SupplierPage


def main() -> None:
    client = AuthenticatedClient(
        base_url=os.environ["ACCORD_URL"],
        token=os.environ["ACCORD_TOKEN"],
        raise_on_unexpected_status=True,
    )

    page = list_suppliers.sync(client=client, limit=5)
    assert isinstance(page, SupplierPage), page
    assert 1 <= len(page.data) <= 5, page
    assert page.has_more == (page.next_cursor is not None), page

    first: Supplier = page.data[0]
    identity: UUID = first.id
    kind: SupplierKind = first.kind
    assert first.created_at.tzinfo is not None, first

    read = get_supplier.sync(client=client, supplier_id=identity)
    assert isinstance(read, Supplier), read
    assert read.name == first.name and read.kind == kind, (read, first)

    missing = get_supplier.sync(client=client, supplier_id=uuid4())
    assert isinstance(missing, Problem), missing
    assert missing.status == 404, missing

    print(f"Python: listed {len(page.data)} suppliers, read {identity}; a missing one answers {missing.code}")


if __name__ == "__main__":
    main()
