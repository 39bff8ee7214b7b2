// Wait until every index can be asked.
// no parameters
CALL db.awaitIndexes(300)
