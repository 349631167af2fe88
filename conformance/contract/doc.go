// Package contract is the documentation of BindAxb (Dyplsapi 2017-05-25) and of four neighbours as data: operations,
// parameters, fields of answers, codes by edition of the document, gateway codes, and the catalogue of clauses.
//
// "bindaxb-doc" is the page of 2019-01-08 (Edition2019); a number behind it is a line of that page. Where later pages
// disagree, the edition tells them apart. The package holds no code that builds or reads a message, starts no goroutine,
// and nothing in it changes after start: all of it is safe for concurrent use.
package contract

import "time"

// Product and Version name the API; Endpoint is its host in every region (bindaxb-doc:69, 77).
const (
	Product  = "Dyplsapi"
	Version  = "2017-05-25"
	Endpoint = "dyplsapi.aliyuncs.com"
)

// ExpirationLayout is the documented form of Expiration (bindaxb-doc:44), for package time.
const ExpirationLayout = "2006-01-02 15:04:05"

// TimestampLayout is the form of Timestamp and x-acs-date: UTC without a fraction.
const TimestampLayout = "2006-01-02T15:04:05Z"

// Zone is the zone of Expiration. The document names none; its samples are local time and a sister operation says UTC+8.
var Zone = time.FixedZone("UTC+8", 8*60*60)

// GatewayRoot is the name of the root element of a gateway error in XML.
const GatewayRoot = "Error"

// The gateway's messages on a signature that does not match. The first is followed, without a space, by the server's string
// to sign; the second by "[", the string to sign, "] server CanonicalRequest is [", the canonical request and "]".
const (
	MismatchV1 = "Specified signature is not matched with our calculation. server string to sign is:"
	MismatchV3 = "Specified signature does not match our calculation. server StringToSign is "
)
