package contract

// Names of types, as the pages write them. Any is a field whose type differs between the pages.
const (
	String  = "String"
	Date    = "Date"
	Boolean = "Boolean"
	Integer = "Integer"
	Object  = "Object"
	Any     = "Any"
)

// BindAxb binds A and B to a number X: the operation of the document.
var BindAxb = &Operation{
	Name: "BindAxb",
	QPS:  5000,
	Root: "BindAxbResponse",
	Params: []Param{
		{Name: "PoolKey", Type: String, Required: true, Sample: "FC123456", Line: 39, Note: "key of the number pool"},
		{Name: "PhoneNoA", Type: String, Required: true, GatewayRequired: true, Sample: "15000000000", Line: 40, Note: "mobile, or landline as area code and number without a hyphen; digits only"},
		{Name: "PhoneNoB", Type: String, Required: true, Sample: "15800000000", Line: 41, Note: "as PhoneNoA"},
		{Name: "PhoneNoX", Type: String, Sample: "17000000000", Line: 42, Note: "binds this number; absent: one of the pool, by ExpectCity"},
		{Name: "ExpectCity", Type: String, Sample: "北京", Line: 43, Note: "city without its suffix; none free there: a random other city, or an error in strict mode"},
		{Name: "Expiration", Type: Date, Required: true, GatewayRequired: true, Sample: "2017-09-05 12:00:00", Line: 44, Note: "end of the binding; later pages: more than a minute ahead"},
		{Name: "IsRecordingEnabled", Type: Boolean, Sample: "true", Line: 45, Note: "default false; clients write True and False as well"},
		{Name: "OutId", Type: String, Sample: "abcdef", Line: 46, Note: "the caller's own, echoed in call receipts"},
		{Name: "OutOrderId", Type: String, Since: EditionMid2019, Note: "external order id"},
		{Name: "CallDisplayType", Type: Integer, Since: EditionMid2019, Sample: "1", Note: "mid-2019: 1 X shown to both, 2 A sees B, 3 B sees A; today fixed to 1"},
		{Name: "CallRestrict", Type: String, Since: EditionCurrent, Sample: "CONTROL_AX_DISABLE", Note: "CONTROL_AX_DISABLE, CONTROL_BX_DISABLE"},
		{Name: "RingConfig", Type: String, Since: EditionCurrent, Note: "JSON: ring tones"},
		{Name: "ASRStatus", Type: Boolean, Since: EditionCurrent, Sample: "false", Note: "default false"},
		{Name: "ASRModelId", Type: String, Since: EditionCurrent},
		{Name: "CallTimeout", Type: Integer, Since: EditionCurrent, Sample: "15", Note: "seconds; text: 5 to 20, schema: 0 to 180, default 15"},
		{Name: "DtmfConfig", Type: String, Since: EditionCurrent, Note: "JSON: key presses"},
	},
	Fields: []Field{
		{Path: "RequestId", Type: String, Always: true, Line: 49},
		{Path: "Code", Type: String, Always: true, Line: 50},
		{Path: "Message", Type: String, Always: true, Line: 51},
		{Path: "SecretBindDTO", Type: Object, OnOK: true, OKOnly: true, Line: 52, Note: "absent, null or empty unless Code is OK"},
		{Path: "SecretBindDTO.SubsId", Type: String, OnOK: true, OKOnly: true, Line: 119},
		{Path: "SecretBindDTO.SecretNo", Type: String, OnOK: true, OKOnly: true, Line: 120, Note: "the X"},
		{Path: "SecretBindDTO.Extension", Type: String, OKOnly: true, Note: "in the SDK and later pages only; no meaning for AXB"},
	},
}

// UnbindSubscription ends a binding. It is not in the document of Edition2019.
var UnbindSubscription = &Operation{
	Name: "UnbindSubscription",
	QPS:  5000,
	Root: "UnbindSubscriptionResponse",
	Params: []Param{
		poolKey, productType, subsID,
		{Name: "SecretNo", Type: String, Required: true, GatewayRequired: true, Since: EditionMid2019, Sample: "17100000000", Note: "the X; not called PhoneNoX here"},
	},
	Fields: []Field{
		{Path: "RequestId", Type: String, Always: true},
		{Path: "Code", Type: String, Always: true},
		{Path: "Message", Type: String, Always: true},
		{Path: "ChargeId", Type: Any, Note: "deprecated: \"true\" today, a bare true in mid-2019"},
	},
}

// QuerySubscriptionDetail tells of one binding. It is not in the document of Edition2019.
var QuerySubscriptionDetail = &Operation{
	Name: "QuerySubscriptionDetail",
	QPS:  1000,
	Root: "QuerySubscriptionDetailResponse",
	Params: []Param{
		poolKey, productType, subsID, phoneNoX,
	},
	Fields: []Field{
		{Path: "RequestId", Type: String, Always: true},
		{Path: "Code", Type: String, Always: true},
		{Path: "Message", Type: String, Always: true},
		{Path: "SecretBindDetailDTO", Type: Object, OnOK: true, OKOnly: true},
		{Path: "SecretBindDetailDTO.SubsId", Type: String, OKOnly: true},
		{Path: "SecretBindDetailDTO.PhoneNoA", Type: String, OKOnly: true},
		{Path: "SecretBindDetailDTO.PhoneNoB", Type: String, OKOnly: true},
		{Path: "SecretBindDetailDTO.PhoneNoX", Type: String, OKOnly: true},
		{Path: "SecretBindDetailDTO.ExpireDate", Type: String, OKOnly: true, Note: "Expiration of the request"},
		{Path: "SecretBindDetailDTO.GmtCreate", Type: String, OKOnly: true},
		{Path: "SecretBindDetailDTO.Status", Type: Integer, OKOnly: true, Note: "1 in force, 0 expired"},
		{Path: "SecretBindDetailDTO.NeedRecord", Type: Boolean, OKOnly: true, Note: "IsRecordingEnabled of the request"},
		{Path: "SecretBindDetailDTO.CallRestrict", Type: String, OKOnly: true, Note: "absent when unset"},
		{Path: "SecretBindDetailDTO.Extension", Type: String, OKOnly: true},
		{Path: "SecretBindDetailDTO.GroupId", Type: Integer, OKOnly: true},
		{Path: "SecretBindDetailDTO.ASRStatus", Type: Boolean, OKOnly: true},
		{Path: "SecretBindDetailDTO.ASRModelId", Type: String, OKOnly: true},
	},
}

// UpdateSubscription changes one thing of a binding, which OperateType names. It is not in the document of Edition2019.
var UpdateSubscription = &Operation{
	Name: "UpdateSubscription",
	QPS:  10000,
	Root: "UpdateSubscriptionResponse",
	Params: []Param{
		poolKey, productType, subsID, phoneNoX,
		{Name: "OperateType", Type: String, Required: true, GatewayRequired: true, Since: EditionMid2019, Sample: "updateNoA",
			Note: "updateNoA, updateNoB, updateExpire, updateAxgGroup, updateCallRestrict, updateCallDisplayType, updateOutId, updateIsRecordingEnabled, updateAsr"},
		{Name: "PhoneNoA", Type: String, Since: EditionMid2019, Sample: "15000000000", Note: "of updateNoA"},
		{Name: "PhoneNoB", Type: String, Since: EditionMid2019, Sample: "15800000000", Note: "of updateNoB"},
		{Name: "Expiration", Type: Date, Since: EditionMid2019, Sample: "2019-09-05 12:00:00", Note: "of updateExpire; more than a minute ahead"},
		{Name: "GroupId", Type: String, Since: EditionMid2019, Note: "of updateAxgGroup, for pools of type AXG"},
		{Name: "CallRestrict", Type: String, Since: EditionCurrent, Sample: "CONTROL_AX_DISABLE", Note: "of updateCallRestrict: CONTROL_AX_DISABLE, CONTROL_BX_DISABLE, CONTROL_CLEAR_DISABLE"},
		{Name: "CallDisplayType", Type: Integer, Since: EditionMid2019, Sample: "1", Note: "of updateCallDisplayType"},
		{Name: "OutId", Type: String, Since: EditionMid2019, Sample: "abcdef", Note: "of updateOutId"},
		{Name: "IsRecordingEnabled", Type: Boolean, Since: EditionMid2019, Sample: "true", Note: "of updateIsRecordingEnabled; no default"},
		{Name: "ASRStatus", Type: Boolean, Since: EditionCurrent, Sample: "true", Note: "of updateAsr"},
		{Name: "ASRModelId", Type: String, Since: EditionCurrent, Note: "of updateAsr"},
		{Name: "RingConfig", Type: String, Since: EditionCurrent, Note: "JSON: ring tones"},
	},
	Fields: []Field{
		{Path: "RequestId", Type: String, Always: true},
		{Path: "Code", Type: String, Always: true},
		{Path: "Message", Type: String, Always: true},
	},
}

// QuerySubsID tells which bindings one X has. It is not in the document of Edition2019.
var QuerySubsID = &Operation{
	Name: "QuerySubsId",
	QPS:  1000,
	Root: "QuerySubsIdResponse",
	Params: []Param{
		{Name: "PoolKey", Type: String, Since: EditionMid2019, Sample: "FC123456"},
		phoneNoX,
	},
	Fields: []Field{
		{Path: "RequestId", Type: String, Always: true},
		{Path: "Code", Type: String, Always: true},
		{Path: "Message", Type: String, Always: true},
		{Path: "SubsId", Type: String, OnOK: true, OKOnly: true, Note: "of all bindings of the X, joined by commas; no object around it"},
	},
	Codes: []*Code{
		gate(400, "POOLKEY_NOT_EXIST", "poolKey not exsit.", "QuerySubsId only; the message is as the API's metadata spells it"),
	},
}

// Parameters that the operations on a binding share.
var (
	poolKey     = Param{Name: "PoolKey", Type: String, Since: EditionMid2019, Sample: "FC123456", Note: "this or ProductType"}
	productType = Param{Name: "ProductType", Type: String, Since: EditionMid2019, Sample: "AXB_170", Note: "this or PoolKey: AXB_170, AXN_170, AXN_95, AXN_EXTENSION_REUSE"}
	subsID      = Param{Name: "SubsId", Type: String, Required: true, GatewayRequired: true, Since: EditionMid2019, Sample: "1000000768393849"}
	phoneNoX    = Param{Name: "PhoneNoX", Type: String, Required: true, GatewayRequired: true, Since: EditionMid2019, Sample: "17000000000", Note: "the X; called SecretNo in UnbindSubscription"}
)

// CommonParams are the parameters that every call with a V1 signature carries beside those of its operation, Signature
// included. With V3 the x-acs-* headers take their place, but for Format and RegionId.
var CommonParams = []Param{
	{Name: "Action", Type: String, Required: true, GatewayRequired: true, Note: "name of the operation"},
	{Name: "Version", Type: String, Required: true, GatewayRequired: true, Sample: Version},
	{Name: "AccessKeyId", Type: String, Required: true, GatewayRequired: true},
	{Name: "SignatureMethod", Type: String, Required: true, GatewayRequired: true, Sample: "HMAC-SHA1"},
	{Name: "SignatureVersion", Type: String, Required: true, GatewayRequired: true, Sample: "1.0"},
	{Name: "SignatureNonce", Type: String, Required: true, GatewayRequired: true, Note: "once in 15 minutes"},
	{Name: "Timestamp", Type: String, Required: true, GatewayRequired: true, Sample: "2017-07-12T02:42:19Z"},
	{Name: "Signature", Type: String, Required: true, GatewayRequired: true},
	{Name: "Format", Type: String, Sample: "JSON", Note: "JSON or XML in any letter case; absent: JSON"},
	{Name: "RegionId", Type: String, Sample: "cn-hangzhou"},
	{Name: "SecurityToken", Type: String, Note: "with temporary credentials"},
	{Name: "SignatureType", Type: String, Note: "empty, or BEARERTOKEN"},
}

// Operations are the operations this project knows. It is constant.
var Operations = []*Operation{BindAxb, UnbindSubscription, QuerySubscriptionDetail, UpdateSubscription, QuerySubsID}

// FindOperation returns the operation of that name, compared exactly, or nil.
func FindOperation(name string) *Operation {
	for _, op := range Operations {
		if op.Name == name {
			return op
		}
	}
	return nil
}

// FindParam returns the operation's parameter of that name, compared exactly, or nil.
func (op *Operation) FindParam(name string) *Param {
	for i := range op.Params {
		if op.Params[i].Name == name {
			return &op.Params[i]
		}
	}
	return nil
}

// OwnCodes returns the codes that single operations have for themselves. The slice is the caller's.
func OwnCodes() (list []*Code) {
	for _, op := range Operations {
		list = append(list, op.Codes...)
	}
	return list
}

// FindCode returns the operation's own code of that name, compared exactly, or nil. It does not allocate and keeps nothing of
// code.
func (op *Operation) FindCode(code []byte) *Code {
	for _, c := range op.Codes {
		if c.Name == string(code) {
			return c
		}
	}
	return nil
}
