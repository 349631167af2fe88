package contract

// Edition is a version of the document. The published lists of codes and parameters differ between them.
type Edition uint8

// The editions, oldest first.
const (
	Edition2019    Edition = iota // the document this project implements, 2019-01-08; the default
	EditionMid2019                // the documentation set of mid-2019
	EditionCurrent                // the pages of today
	numEditions
)

// Format is the format of an answer.
type Format uint8

// The formats.
const (
	JSON Format = iota
	XML
)

// Group says whose code a code is.
type Group uint8

// The groups of codes.
const (
	Success      Group = iota // OK
	Business                  // the other codes of the document in force
	Gateway                   // known gateway codes and the patterns Missing*, Invalid*, Throttling*
	Undocumented              // any other readable code
)

// Code is one row of a list of codes.
type Code struct {
	Name       string
	ZH         string // the page's text; "" for gateway codes
	EN         string // a translation; the message itself for gateway codes
	Group      Group
	HTTPStatus int     // usual one: 200 for Success and Business
	Since      Edition // first edition that lists it; Business codes only
	Editions   [3]bool // which editions list it, by Edition
	Line       int     // line in the document of Edition2019; 0 if not there
	Note       string  // what the document set says beside the text, in English; may be ""
}

// Param is one parameter of an operation.
type Param struct {
	Name            string
	Type            string  // as documented: String, Date, Boolean, Integer
	Required        bool    // by the document
	GatewayRequired bool    // by the gateway: its absence gives Missing<Name> with HTTP 400
	Since           Edition // first edition that has it
	Sample          string
	Line            int // line in the document of Edition2019; 0 if not there
	Note            string
}

// Field is one field of an answer.
type Field struct {
	Path   string // "SecretBindDTO.SubsId"
	Type   string // String, Object, Boolean, Integer, Any
	OnOK   bool   // must be there when Code is OK
	Always bool   // must be there in every answer
	OKOnly bool   // must not be there (or be empty) unless Code is OK
	Line   int    // line in the document of Edition2019; 0 if not there
	Note   string
}

// Operation is one action of the API.
type Operation struct {
	Name   string // the value of Action
	Params []Param
	Fields []Field
	QPS    int     // documented calls a second
	Root   string  // name of the root element of an XML answer: "BindAxbResponse"
	Codes  []*Code // of this operation alone, which no list of an edition or of the gateway has
}

// Level is how strongly a clause binds.
type Level uint8

// The levels.
const (
	Must Level = iota
	Should
	May
)

// Clause is one normative statement about an endpoint.
type Clause struct {
	ID       string // "RSP-9"
	Level    Level
	Source   string // where it is from: "bindaxb-doc:52", "RFC 8259"
	Profile  string // seed, pop, doc2019, strict
	Sentence string // in English
}
