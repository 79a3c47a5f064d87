//! Suppliers.

use crate::both;
use serde_json::json;

both! {
    async fn a_supplier_is_made_as_a_prospect_and_read_back(app: TestApp) {
        let owner = app.owner().await;
        let new = json!({"kind": "company", "name": "Delta Air Lines Inc.",
            "legal_ids": [{"scheme": "IATA", "value": "DL"}], "categories": ["airline"],
            "address": {"city": "Atlanta", "country": "US"}});
        let made = owner.post("/v1/suppliers", new).await.expect(201);
        assert_eq!(made.header("location"), format!("/v1/suppliers/{}", made.id()));
        assert_eq!(made.header("etag"), "\"1\"");
        let read = owner.get(made.header("location")).await.expect(200);
        assert_eq!(read.body["status"], "prospect");
        assert_eq!(read.body["name"], "Delta Air Lines Inc.");
    }
}
