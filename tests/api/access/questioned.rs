//! Questionnaires of the world.

use super::world::World;

impl World<'_> {
    /// A questionnaire in the state in which the operation is possible.
    pub async fn questionnaire(&self, operation: &str) -> String {
        match operation {
            "reviseQuestionnaire" | "retireQuestionnaire" => self.owner().published_questionnaire().await,
            _ => self.owner().draft_questionnaire().await,
        }
    }
}
