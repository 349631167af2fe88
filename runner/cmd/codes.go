package cmd

import (
	"slices"
	"strconv"
	"strings"

	"axbench/conformance/contract"
	"axbench/report"

	"github.com/urfave/cli/v2"
)

// codeRow is one code in the JSON form of the table.
type codeRow struct {
	Code       string   `json:"code"`
	Group      string   `json:"group"` // ok, business, gateway
	HTTPStatus int      `json:"http_status"`
	TextZH     string   `json:"text_zh"`
	TextEN     string   `json:"text_en"`
	Documents  []string `json:"documents"` // versions of the document that list it
	Line       int      `json:"line"`      // of the document of 2019-01; 0 if not there
	Note       string   `json:"note"`
}

func (p *program) codesCommand() *cli.Command {
	return &cli.Command{
		Name:  "codes",
		Usage: "print the codes that an answer may carry",
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "document", Value: contract.Edition2019.String(), Usage: "version of the document: 2019-01, 2019-06, current"},
			jsonFlag(),
		},
		Action: p.codes,
	}
}

func (p *program) codes(ctx *cli.Context) error {
	if err := noArguments(ctx); err != nil {
		return err
	}
	edition, err := contract.ParseEdition(ctx.String("document"))
	if err != nil {
		return usagef("--document: %w", err)
	}
	var rows []codeRow
	for _, c := range slices.Concat(edition.Codes(), contract.GatewayCodes(), contract.OwnCodes()) {
		rows = append(rows, newCodeRow(c))
	}
	if ctx.Bool("json") {
		return p.printJSON(struct {
			Document string    `json:"document"`
			Codes    []codeRow `json:"codes"`
		}{edition.String(), rows})
	}
	return p.codeTable(rows)
}

func newCodeRow(c *contract.Code) codeRow {
	row := codeRow{Code: c.Name, Group: c.Group.String(), HTTPStatus: c.HTTPStatus, TextZH: c.ZH, TextEN: c.EN,
		Documents: []string{}, Line: c.Line, Note: c.Note}
	for e, listed := range c.Editions {
		if listed {
			row.Documents = append(row.Documents, contract.Edition(e).String())
		}
	}
	return row
}

func (p *program) codeTable(rows []codeRow) error {
	o := p.textOptions()
	o.Width = 220 // the texts are the point here: nothing is cut
	columns := []string{"code", "group", ">HTTP", ">line", "text"}
	var cells [][]string
	for _, r := range rows {
		status, line := "", ""
		if r.HTTPStatus > 0 {
			status = strconv.Itoa(r.HTTPStatus)
		}
		if r.Line > 0 {
			line = strconv.Itoa(r.Line)
		}
		text := r.TextEN
		if !o.ASCII {
			text = strings.TrimSpace(r.TextZH + " " + text)
		}
		if r.Note != "" {
			text += " (" + r.Note + ")"
		}
		cells = append(cells, []string{r.Code, r.Group, status, line, text})
	}
	return report.WriteTable(p.stdout, o, columns, cells)
}
