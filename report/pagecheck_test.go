package report

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// The elements of pages. Whatever is more came out of a text.
var pageElements = strings.Fields("html head meta title style body main header nav section footer h1 h2 h3 p ul li span strong small div table caption thead tbody tr th td " +
	"a br dl dt dd details summary article code pre i b s button script noscript figure figcaption")

// probeLink are the only addresses beside places of the page itself that a link may lead to: of a probe of a search for capacity, and of
// the page of a run of a trend.
var probeLink = regexp.MustCompile(`^(probes/[A-Za-z0-9][A-Za-z0-9._-]*/(report\.html)?|(\.\./)*[A-Za-z0-9][A-Za-z0-9._/%-]*/report\.html)$`)

// pageStyle is what a style attribute may be: a number and no more.
var pageStyleAttr = regexp.MustCompile(`^(((flex-grow|width|left):-?[0-9.]+%?;?)+)$`)

// checkPage holds what must be true of any page: it loads nothing, runs only the assets of those names, which its policy names and
// no other, and what came from a run directory is text and nothing else. Every id is there once and every link leads to one. It returns how
// often each id is there.
func checkPage(t failer, page string, styles, scripts []string, visit func(*html.Node)) map[string]int {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatalf("HTML: %v", err)
	}
	var bare strings.Builder
	ids, links, policy, inline := map[string]int{}, map[string]bool{}, "", []string{}
	walk(root, func(n *html.Node) {
		switch {
		case n.Type == html.CommentNode:
			t.Fatalf("HTML: a comment %q", n.Data)
		case n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style":
			bare.WriteString(n.Data)
		case n.Type == html.ElementNode:
			checkElement(t, n, ids, links)
			switch {
			case n.Data == "style":
				checkStyle(t, n, styles)
			case n.Data == "script":
				if code := checkScript(t, n); code != "" {
					inline = append(inline, code)
				}
			case n.Data == "meta" && attr(n, "http-equiv") == "Content-Security-Policy":
				policy += attr(n, "content")
			}
			if visit != nil {
				visit(n)
			}
		}
	})
	checkTerminal(t, bare.String(), TextOptions{})
	for l := range links {
		id, err := url.PathUnescape(strings.TrimPrefix(l, "#"))
		if id != "" && ids[id] == 0 || err != nil {
			t.Fatalf("HTML: a link leads to %q", l)
		}
	}
	checkPolicy(t, policy, inline, scripts)
	return ids
}

func checkElement(t failer, n *html.Node, ids map[string]int, links map[string]bool) {
	t.Helper()
	if !slices.Contains(pageElements, n.Data) {
		t.Fatalf("HTML: <%s>", n.Data)
	}
	for _, a := range n.Attr {
		switch {
		case strings.HasPrefix(a.Key, "on"), a.Key == "src", a.Key == "href" && !strings.HasPrefix(a.Val, "#") && !probeLink.MatchString(a.Val), a.Key == "style" && !pageStyleAttr.MatchString(a.Val):
			t.Fatalf("HTML: <%s %s=%q>", n.Data, a.Key, a.Val)
		case a.Key == "href" && strings.HasPrefix(a.Val, "#"):
			links[a.Val] = true
		case a.Key == "id":
			ids[a.Val]++
		}
		checkTerminal(t, a.Val, TextOptions{})
	}
}

func checkStyle(t failer, n *html.Node, styles []string) {
	t.Helper()
	want := ""
	for _, name := range styles {
		text, err := asset(name)
		if err != nil {
			t.Fatalf("%v", err)
		}
		want += text
	}
	if n.FirstChild == nil || n.FirstChild.Data != want || len(n.Attr) != 0 {
		t.Fatalf("HTML: a style that is none of the assets'")
	}
	if strings.Contains(want, "url(") || strings.Contains(want, "@import") {
		t.Fatalf("HTML: the style loads something")
	}
}

// checkScript returns the code of a script, "" for data.
func checkScript(t failer, n *html.Node) string {
	t.Helper()
	text := ""
	if n.FirstChild != nil {
		text = n.FirstChild.Data
	}
	if attr(n, "type") != "application/json" {
		if len(n.Attr) != 0 || text == "" {
			t.Fatalf("HTML: a script with %v", n.Attr)
		}
		return text
	}
	if id := attr(n, "id"); len(n.Attr) != 2 || id != "words" && id != "series" {
		t.Fatalf("HTML: data with %v", n.Attr)
	}
	if !json.Valid([]byte(text)) || strings.ContainsAny(text, "<>&\u2028\u2029") {
		t.Fatalf("HTML: the data of %s are no JSON for HTML", attr(n, "id"))
	}
	checkTerminal(t, text, TextOptions{})
	return ""
}

// checkPolicy holds that the scripts are the assets, in their order, and the policy allows these and nothing else.
func checkPolicy(t failer, policy string, inline, scripts []string) {
	t.Helper()
	want := "default-src 'none'; style-src 'unsafe-inline'; script-src"
	for i, name := range scripts {
		text, err := asset(name)
		if err != nil {
			t.Fatalf("%v", err)
		}
		if i >= len(inline) || inline[i] != text {
			t.Fatalf("HTML: script %d is not %s", i+1, name)
		}
		sum := sha256.Sum256([]byte(text))
		want += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	if len(inline) != len(scripts) {
		t.Fatalf("HTML: %d scripts, want %d", len(inline), len(scripts))
	}
	if policy != want {
		t.Fatalf("HTML: the policy is %q, want %q", policy, want)
	}
}

// scriptOrStyle are the elements whose text a golden page leaves out: it is tested where it is made.
var (
	scriptOrStyle = regexp.MustCompile(`(?s)(<(?:script|style)[^>]*>).*?(</(?:script|style)>)`)
	policyHashes  = regexp.MustCompile(`(?: &#39;sha256-[^ "]*)+`)
)

// withoutAssets is a page as its golden file has it.
func withoutAssets(t *testing.T, page string) string {
	t.Helper()
	bare := policyHashes.ReplaceAllString(scriptOrStyle.ReplaceAllString(page, "$1$2"), "")
	if len(bare) >= len(page) {
		t.Error("the page has no assets")
	}
	return bare
}
