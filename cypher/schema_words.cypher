// Records are found by words and by filter terms; both are folded and cut into words before they get here.
// no parameters
CREATE FULLTEXT INDEX record_words IF NOT EXISTS
FOR (record:Record) ON EACH [record.words, record.terms]
OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}
