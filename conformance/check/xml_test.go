package check

import (
	"strings"
	"testing"

	"axbench/conformance/contract"
)

func refusalXML(root, code, message, more string) string {
	return "<" + root + "><RequestId>" + requestID + "</RequestId><Code>" + code + "</Code><Message>" + message + "</Message>" + more + "</" + root + ">"
}

func TestGoodXML(t *testing.T) {
	runTable(t, []testAnswer{
		{name: "plain", body: goodXML, xml: true, x: testX, code: "OK"},
		{name: "strict", body: goodXML, xml: true, x: testX, strict: true, code: "OK"},
		{name: "application/xml", body: goodXML, xml: true, ct: "application/xml", code: "OK"},
		{name: "no declaration", body: goodXML[strings.Index(goodXML, "<Bind"):], xml: true, code: "OK"},
		{name: "BOM, which XML allows", body: "\xEF\xBB\xBF" + goodXML, xml: true, code: "OK"},
		{name: "encoding in lower case, standalone", body: replace(goodXML, `encoding='UTF-8'`, ` encoding = "utf-8" standalone="yes" `), xml: true, code: "OK"},
		{name: "pretty, with comments and instructions", xml: true, code: "OK",
			body: replace(replace(goodXML, "><", ">\r\n\t<!-- - --><?pi?><"), "?>\r\n\t<!-- - --><?pi?><Bind", "?>\n<!-- --><?a b?>\n<Bind") + "\n<!-- end -->"},
		{name: "attributes and unknown elements", xml: true, code: "OK",
			body: replace(replace(goodXML, "<Code>", `<x:Extra xmlns:x="urn:&lt;x" b='"'><i>1</i><i/>text</x:Extra><Code a = "1" >`), "</Code>", "</Code >")},
		{name: "message in Chinese", body: replace(goodXML, "<Message>OK", "<Message>请求成功"), xml: true, code: "OK"},
		{name: "CDATA and references", body: replace(goodXML, "<Message>OK", "<Message>&lt;<![CDATA[a<b&]]>&#x8bf7;&#10;\r\n"), xml: true, code: "OK"},
		{name: "code in pieces", body: replace(goodXML, "<Code>OK", "<Code><!-- x -->&#79;<![CDATA[K]]>"), xml: true, code: "OK"},
		{name: "refused", body: refusalXML("BindAxbResponse", "isv.BIND_CONFLICT", "绑定冲突", ""), xml: true, code: "isv.BIND_CONFLICT"},
		{name: "refused, as Error", body: refusalXML("Error", "isv.BIND_CONFLICT", "x", ""), xml: true, code: "isv.BIND_CONFLICT"},
		{name: "refused, empty DTO", body: refusalXML("BindAxbResponse", "isv.BIND_CONFLICT", "x", "<SecretBindDTO/>"), xml: true, code: "isv.BIND_CONFLICT"},
		{name: "refused, DTO of empty fields", body: refusalXML("BindAxbResponse", "isv.BIND_CONFLICT", "x", "<SecretBindDTO>\n<SubsId/><SecretNo></SecretNo></SecretBindDTO>"), xml: true, code: "isv.BIND_CONFLICT"},
		{name: "gateway", body: gatewayXML, xml: true, status: 400, code: "SignatureDoesNotMatch"},
		{name: "unbound", xml: true, op: contract.UnbindSubscription, code: "OK",
			body: refusalXML("UnbindSubscriptionResponse", "OK", "OK", "<ChargeId>true</ChargeId>")},
		{name: "updated", xml: true, op: contract.UpdateSubscription, code: "OK", body: refusalXML("UpdateSubscriptionResponse", "OK", "OK", "")},
		{name: "list", xml: true, op: contract.QuerySubsID, x: testX, code: "OK",
			body: refusalXML("QuerySubsIdResponse", "OK", "OK", "<SubsId>"+subsID+",1</SubsId>")},
		{name: "list of none", xml: true, op: contract.QuerySubsID, x: testX, code: "OK",
			body: refusalXML("QuerySubsIdResponse", "OK", "OK", "<SubsId></SubsId>")},
		{name: "detail", xml: true, op: contract.QuerySubscriptionDetail, x: testX, code: "OK",
			body: refusalXML("QuerySubscriptionDetailResponse", "OK", "OK", "<SecretBindDetailDTO><Status>1</Status><PhoneNoX>"+testX+"</PhoneNoX><SubsId>"+subsID+"</SubsId></SecretBindDetailDTO>")},
	})
}

func TestBadXML(t *testing.T) {
	deep := strings.Repeat("<a>", 65) + strings.Repeat("</a>", 65)
	table := []testAnswer{
		{name: "no Content-Type", body: goodXML, ct: "-", want: "TRN-7", code: "OK"},
		{name: "as text/html", body: goodXML, ct: "text/html", want: "TRN-7", code: "OK"},
		{name: "invalid UTF-8", body: replace(goodXML, "<Message>OK", "<Message>\xFF"), want: "TRN-5 TRN-8", code: "OK"},
		{name: "GBK declared", body: replace(goodXML, "UTF-8", "GBK"), want: "TRN-5", code: "OK"},
		{name: "documented element twice", body: replace(goodXML, "<Code>OK</Code>", "<Code>isv.BIND_CONFLICT</Code><Code>OK</Code>"), want: "TRN-8", code: "OK"},
		{name: "element in the DTO twice", body: replace(goodXML, "<SubsId>", "<SubsId>1</SubsId><SubsId>"), want: "TRN-8", code: "OK"},
		{name: "root of another operation", body: replace(goodXML, "BindAxbResponse", "BindAxnResponse"), want: "RSP-12", code: "OK"},
		{name: "root in another case", body: replace(goodXML, "BindAxbResponse", "bindAxbResponse"), want: "RSP-12", code: "OK"},
		{name: "success as Error", body: replace(goodXML, "BindAxbResponse", "Error"), want: "RSP-12", code: "OK"},
		{name: "camelCase", body: replace(goodXML, "Code>", "code>"), want: "RSP-3 RSP-12"},
		{name: "wrapped", body: replace(replace(goodXML, "<BindAxbResponse>", "<BindAxbResponse><data>"), "</Bind", "</data></Bind"), want: "RSP-1 RSP-3 RSP-6 RSP-12"},
		{name: "flattened", body: replace(replace(goodXML, "<SecretBindDTO>", ""), "</SecretBindDTO>", ""), want: "RSP-8 RSP-12", code: "OK"},
		{name: "text beside elements", body: replace(goodXML, "<Code>", "text<Code>"), want: "RSP-12", code: "OK"},
		{name: "code with an element", body: replace(goodXML, "<Code>OK", "<Code><b>OK</b>"), want: "RSP-3"},
		{name: "code with white space", body: replace(goodXML, "<Code>OK", "<Code> OK"), want: "RSP-4", code: " OK"},
		{name: "an end tag too many", body: replace(goodXML, "<SecretBindDTO>", "<SecretBindDTO/>"), want: "TRN-8"},
		{name: "DTO a text", body: refusalXML("BindAxbResponse", "OK", "OK", "<SecretBindDTO>x</SecretBindDTO>"), want: "RSP-8", code: "OK"},
		{name: "DTO empty on success", body: refusalXML("BindAxbResponse", "OK", "OK", "<SecretBindDTO/>"), want: "RSP-10 RSP-11", code: "OK"},
		{name: "error with a binding", body: refusalXML("BindAxbResponse", "isv.BIND_CONFLICT", "x", "<SecretBindDTO><SubsId>1</SubsId></SecretBindDTO>"), want: "RSP-9", code: "isv.BIND_CONFLICT"},
		{name: "gateway with HTTP 200", body: gatewayXML, want: "TRN-14", code: "SignatureDoesNotMatch"},
		{name: "gateway without RequestId", body: replace(gatewayXML, "RequestId", "Request"), status: 400, want: "RSP-1 TRN-14", code: "SignatureDoesNotMatch"},
		{name: "another X", body: goodXML, x: "17000000000", want: "PRM-X-2 INV-5", code: "OK"},
		{name: "X is A", body: replace(goodXML, testX, testA), want: "RSP-13", code: "OK"},
		{name: "root is a text", body: "<BindAxbResponse>Code=OK</BindAxbResponse>", want: "RSP-1 RSP-3 RSP-6 RSP-12"},
	}
	for _, c := range []struct{ name, body string }{
		{"unclosed root, as a page prints it", replace(goodXML, "</Bind", "<Bind")},
		{"two roots", goodXML + "<a/>"},
		{"text behind", goodXML + "x"},
		{"cut short", goodXML[:len(goodXML)-1]},
		{"cut in a tag", goodXML[:70]},
		{"tags that cross", replace(goodXML, "</SubsId></SecretBindDTO>", "</SecretBindDTO></SubsId>")},
		{"unknown entity", replace(goodXML, "<Message>OK", "<Message>&nbsp;")},
		{"bare ampersand", replace(goodXML, "<Message>OK", "<Message>a & b")},
		{"reference to NUL", replace(goodXML, "<Message>OK", "<Message>&#0;")},
		{"reference too large", replace(goodXML, "<Message>OK", "<Message>&#x110000;")},
		{"reference without digits", replace(goodXML, "<Message>OK", "<Message>&#x;")},
		{"control character", replace(goodXML, "<Message>OK", "<Message>\x01")},
		{"U+FFFF", replace(goodXML, "<Message>OK", "<Message>\uFFFF")},
		{"end of CDATA in text", replace(goodXML, "<Message>OK", "<Message>]]>")},
		{"open CDATA", replace(goodXML, "<Message>OK", "<Message><![CDATA[")},
		{"-- in a comment", replace(goodXML, "<Message>OK", "<Message><!-- -- -->")},
		{"attribute twice", replace(goodXML, "<Message>", `<Message a="1" b="" a="2">`)},
		{"attribute without quotes", replace(goodXML, "<Message>", `<Message a=1>`)},
		{"attributes without a blank", replace(goodXML, "<Message>", `<Message a="1"b="2">`)},
		{"'<' in an attribute", replace(goodXML, "<Message>", `<Message a="<">`)},
		{"declaration behind white space", " " + goodXML},
		{"declaration without version", replace(goodXML, "version='1.0' ", "")},
		{"version 1.1", replace(goodXML, "1.0", "1.1")},
		{"declaration out of order", replace(goodXML, "version='1.0' encoding='UTF-8'", "encoding='UTF-8' version='1.0'")},
		{"document type", `<!DOCTYPE a [<!ENTITY x "y">]>` + goodXML[strings.Index(goodXML, "<Bind"):]},
		{"name with a digit first", replace(goodXML, "Code>", "1Code>")},
		{"blank before the name", replace(goodXML, "<Code>", "< Code>")},
		{"too deep", replace(goodXML, "<Code>", deep+"<Code>")},
	} {
		table = append(table, testAnswer{name: c.name, body: c.body, want: "TRN-8"})
	}
	for i := range table {
		table[i].xml = true
	}
	runTable(t, table)
}
