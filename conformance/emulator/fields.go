package emulator

import (
	"slices"
	"strings"

	"axbench/conformance/contract"
	"axbench/conformance/signature"
)

// field is a parameter that the emulator looks at, so that its value is found without a search.
type field uint8

// The fields: the common ones, then those of the operations.
const (
	fAction field = iota
	fVersion
	fFormat
	fAccessKeyID
	fSignature
	fSignatureMethod
	fSignatureVersion
	fSignatureNonce
	fTimestamp
	fSecurityToken
	fPoolKey
	fPhoneNoA
	fPhoneNoB
	fPhoneNoX
	fExpectCity
	fExpiration
	fIsRecordingEnabled
	fOutID
	fOutOrderID
	fCallDisplayType
	fCallRestrict
	fRingConfig
	fASRStatus
	fASRModelID
	fCallTimeout
	fDtmfConfig
	fSubsID
	fSecretNo
	fProductType
	fOperateType
	fGroupID
	fieldCount
)

// fields is a set of them.
type fields uint64

func (s fields) has(f field) bool { return s&(1<<f) != 0 }

// fieldOf returns the field of a parameter's name, fieldCount for one that is not looked at. Names are compared exactly.
func fieldOf(name string) field {
	switch name {
	case "Action":
		return fAction
	case "Version":
		return fVersion
	case "Format":
		return fFormat
	case "AccessKeyId":
		return fAccessKeyID
	case "Signature":
		return fSignature
	case "SignatureMethod":
		return fSignatureMethod
	case "SignatureVersion":
		return fSignatureVersion
	case "SignatureNonce":
		return fSignatureNonce
	case "Timestamp":
		return fTimestamp
	case "SecurityToken":
		return fSecurityToken
	case "PoolKey":
		return fPoolKey
	case "PhoneNoA":
		return fPhoneNoA
	case "PhoneNoB":
		return fPhoneNoB
	case "PhoneNoX":
		return fPhoneNoX
	case "ExpectCity":
		return fExpectCity
	case "Expiration":
		return fExpiration
	case "IsRecordingEnabled":
		return fIsRecordingEnabled
	case "OutId":
		return fOutID
	case "OutOrderId":
		return fOutOrderID
	case "CallDisplayType":
		return fCallDisplayType
	case "CallRestrict":
		return fCallRestrict
	case "RingConfig":
		return fRingConfig
	case "ASRStatus":
		return fASRStatus
	case "ASRModelId":
		return fASRModelID
	case "CallTimeout":
		return fCallTimeout
	case "DtmfConfig":
		return fDtmfConfig
	case "SubsId":
		return fSubsID
	case "SecretNo":
		return fSecretNo
	case "ProductType":
		return fProductType
	case "OperateType":
		return fOperateType
	case "GroupId":
		return fGroupID
	}
	return fieldCount
}

// documented are the names of all parameters that the documentation has, and of those that every SDK of the product sends
// beside them.
var documented = func() (names []string) {
	names = []string{"OwnerId", "ResourceOwnerId", "ResourceOwnerAccount"}
	for _, p := range contract.CommonParams {
		names = append(names, p.Name)
	}
	for _, op := range contract.Operations {
		for _, p := range op.Params {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}()

// spelt returns the documented name that a parameter of that name stands for: itself, or in any case another spelling of its
// letters; "" for a name that is not documented.
func spelt(name string, anyCase bool) string {
	if i, ok := slices.BinarySearch(documented, name); ok {
		return documented[i]
	}
	if anyCase {
		for _, n := range documented {
			if strings.EqualFold(n, name) {
				return n
			}
		}
	}
	return ""
}

// sift fills values from sorted parameters and returns those that V1 signs: all but Signature.
func (c *call) sift(params []signature.Param) []signature.Param {
	kept := params[:0]
	for i := range params {
		f := fieldOf(params[i].Name)
		if f == fieldCount && c.server.rules.ParamNames == "any_case" {
			f = fieldOf(spelt(params[i].Name, true))
		}
		if f < fieldCount {
			if c.given.has(f) { // in two spellings: nobody could tell which was meant, whatever Duplicates says
				c.twice = params[i].Name
			}
			c.values[f] = params[i].Value
			c.given |= 1 << f
		}
		if f != fSignature {
			kept = append(kept, params[i])
		}
	}
	return kept
}
