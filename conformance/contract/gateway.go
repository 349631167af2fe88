package contract

// gatewayNames are the known codes of the gateway in front of the service. EN is the message as the gateway writes it where it
// was seen; the document of Edition2019 mentions none of them.
var gatewayNames = []*Code{
	gate(400, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation.", "goes on with the server's string to sign: MismatchV1, MismatchV3"),
	gate(400, "IncompleteSignature", "The request signature does not conform to Aliyun standards.", ""),
	gate(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.", "some pages print 400"),
	gate(400, "InvalidAccessKeyId.Inactive", "Specified access key is disabled.", ""),
	gate(403, "Forbidden.AccessKeyDisabled", "Specified access key is disabled.", "other name of InvalidAccessKeyId.Inactive; message and status not seen"),
	gate(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.", ""),
	gate(400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.", "fractional seconds cause it"),
	gate(400, "SignatureNonceUsed", "Specified signature nonce was used already.", ""),
	gate(400, "MissingParameter", "The input parameter that is mandatory for processing this request is not supplied.", "older products; names the parameter in quotes"),
	gate(400, "InvalidVersion", "Specified parameter Version is not valid.", ""),
	gate(404, "InvalidAction.NotFound", "Specified api is not found, please check your url and method.", ""),
	gate(404, "InvalidApi.NotFound", "Specified api is not found, please check your url and method.", "older name of InvalidAction.NotFound"),
	gate(404, "InvalidProduct.NotFound", "Cannot find product according to your specified domain.", ""),
	gate(404, "InvalidProtocol.NeedSsl", "Your request is denied as lack of ssl protect.", "this product allows http"),
	gate(400, "InvalidParameter.Format", "Specified parameter format is not valid.", "Format is neither JSON nor XML"),
	gate(400, "InvalidSignatureMethod", "Specified signature method is not valid.", ""),
	gate(400, "UnsupportedHTTPMethod", "This http method is not supported.", "403 on older pages"),
	gate(400, "MissingSecurityToken", "SecurityToken is mandatory for this action.", ""),
	gate(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.", "message not seen"),
	gate(400, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed.", "message not seen"),
	gate(400, "InvalidSecurityToken.MismatchWithAccessKey", "Specified SecurityToken does not match the AccessKey.", "message not seen"),
	gate(403, "NoPermission", "You are not authorized to do this action.", "this product mostly answers isp.RAM_PERMISSION_DENY"),
	gate(403, "Forbidden.RAM", "You are not authorized to do this action.", "this product mostly answers isp.RAM_PERMISSION_DENY"),
	gate(403, "Forbidden.UserVerification", "Your user account is not verified by Aliyun.", "of other products; this one's code for such an account is not documented"),
	gate(400, "Throttling", "Request was denied due to request throttling.", ""),
	gate(400, "Throttling.User", "Request was denied due to user flow control.", "newer pages print 429"),
	gate(400, "Throttling.Api", "Request was denied due to api flow control.", ""),
	gate(400, "ContentLengthDoesNotMatch", "Content-Length does not match the body.", "message not seen"),
	gate(400, "ContentMD5NotMatched", "Content-MD5 does not match the body.", "message not seen"),
	gate(500, "InternalError", "The request processing has failed due to some unknown error, exception or failure.", ""),
	gate(503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server.", ""),
}

// patterns are the families of gateway codes that carry a name of their own. Each row stands for all codes of its family.
var patterns = []*Code{
	gate(400, "Missing*", "A mandatory parameter is missing.", "Missing<ParameterName>: <ParameterName> is mandatory for this action."),
	gate(400, "Invalid*", "A parameter is not valid.", "Invalid<ParameterName>: Specified parameter <ParameterName> is not valid."),
	gate(400, "Throttling*", "Request was denied due to flow control.", ""),
}

func gate(status int, name, message, note string) *Code {
	return &Code{Name: name, EN: message, Group: Gateway, HTTPStatus: status, Note: note}
}

// GatewayCodes returns the known gateway codes, then the patterns. The slice is the caller's.
func GatewayCodes() []*Code { return append(append([]*Code(nil), gatewayNames...), patterns...) }

// GatewayFields are the fields of a gateway error, at the top level of a JSON object or below GatewayRoot. RequestId, Code and
// Message are what a client needs of it (TRN-14).
var GatewayFields = []Field{
	{Path: "RequestId", Type: String, Always: true},
	{Path: "HostId", Type: String},
	{Path: "Code", Type: String, Always: true},
	{Path: "Message", Type: String, Always: true},
	{Path: "Recommend", Type: String, Note: "not sent before 2018"},
	{Path: "AccessDeniedDetail", Type: Object, Note: "on RAM denials"},
}
