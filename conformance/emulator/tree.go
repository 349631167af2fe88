package emulator

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"slices"

	"axbench/conformance/contract"
)

// node is a field of an answer, for deviations that change it: an object, a text, or a bare value. The whole body is an object
// that has the name of XML's root.
type node struct {
	name   string
	object bool
	kids   []*node // of an object, in their order
	text   string  // of a text as it is meant, of a bare value as it is written
	bare   bool    // a number, a truth value, null or a list; in XML it cannot be told from a text
}

func textNode(name, text string) *node { return &node{name: name, text: text} }

func bareNode(name, value string) *node { return &node{name: name, text: value, bare: true} }

func objectNode(name string, kids ...*node) *node { return &node{name: name, object: true, kids: kids} }

// find returns the field below n of a name, nil when there is none. It may be called for nil.
func (n *node) find(name string) *node {
	if n == nil {
		return nil
	}
	if i := n.index(name); i >= 0 {
		return n.kids[i]
	}
	return nil
}

func (n *node) index(name string) int {
	return slices.IndexFunc(n.kids, func(k *node) bool { return k.name == name })
}

// add appends fields.
func (n *node) add(kids ...*node) bool {
	n.kids = append(n.kids, kids...)
	return len(kids) > 0
}

// remove takes a field out and reports whether it was there.
func (n *node) remove(name string) bool {
	if n == nil || n.index(name) < 0 {
		return false
	}
	n.kids = slices.Delete(n.kids, n.index(name), n.index(name)+1)
	return true
}

// replace puts other in the place of a field and reports whether it was there.
func (n *node) replace(name string, other *node) bool {
	if n == nil || n.index(name) < 0 {
		return false
	}
	n.kids[n.index(name)] = other
	return true
}

// set gives a field another text and reports whether it was there.
func (n *node) set(name, text string) bool { return n.replace(name, textNode(name, text)) }

// rename gives a field another name and reports whether it was there.
func (n *node) rename(name, to string) bool {
	k := n.find(name)
	if k == nil {
		return false
	}
	k.name = to
	return true
}

// each calls f for every field below n, outer ones first.
func (n *node) each(f func(k *node)) {
	for _, k := range n.kids {
		f(k)
		k.each(f)
	}
}

// readTree reads a body that the emulator composed; nil is something else.
func readTree(body []byte, format contract.Format) *node {
	if format == contract.XML {
		return readXML(body)
	}
	return readJSON("", body)
}

func readJSON(name string, b []byte) *node {
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	n := objectNode(name)
	for d.More() {
		key, err := d.Token()
		var raw json.RawMessage
		if err != nil || d.Decode(&raw) != nil {
			return nil
		}
		kid := bareNode(key.(string), string(raw))
		switch raw[0] {
		case '"':
			kid.bare = false
			_ = json.Unmarshal(raw, &kid.text) // was read above
		case '{':
			kid = readJSON(kid.name, raw)
		}
		n.add(kid)
	}
	return n
}

func readXML(b []byte) *node {
	d := xml.NewDecoder(bytes.NewReader(b))
	top := objectNode("")
	open := []*node{top}
	for {
		token, err := d.Token()
		if err != nil {
			break
		}
		in := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			k := textNode(token.Name.Local, "")
			in.object = true
			in.add(k)
			open = append(open, k)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			in.text += string(token)
		}
	}
	if len(top.kids) != 1 {
		return nil
	}
	top.kids[0].object = true
	return top.kids[0]
}

// body writes the tree as a body.
func (n *node) body(format contract.Format) []byte {
	w := &writer{xml: format == contract.XML}
	n.write(w)
	return w.b
}

func (n *node) write(w *writer) {
	switch {
	case n.object:
		w.open(n.name)
		for _, k := range n.kids {
			k.write(w)
		}
		w.close(n.name)
	case n.bare && w.xml && n.text == "null":
		w.field(n.name, "")
	case n.bare:
		w.bare(n.name, n.text)
	default:
		w.field(n.name, n.text)
	}
}
