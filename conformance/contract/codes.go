package contract

import "bytes"

// business is the list of codes: the 23 of bindaxb-doc:131-153 in its order, then those that later editions added. The
// current page was seen only up to isv.UPDATE_CONFLICT; a code is left out of EditionCurrent when it is missing there between
// its neighbours. ZH is the page's text, EN a translation.
var business = []*Code{
	doc(131, all, "OK", "请求成功", "request succeeded", ""),
	doc(132, all, "isp.RAM_PERMISSION_DENY", "RAM权限DENY", "denied by RAM permissions", "authorise the RAM user"),
	doc(133, all, "isv.OUT_OF_SERVICE", "业务停机", "service suspended", "the account is in arrears"),
	doc(134, all, "isv.PRODUCT_UN_SUBSCRIPT", "未开通云通信产品的阿里云客户", "customer has not opened the cloud communication product", ""),
	doc(135, notMid, "isv.PRODUCT_UNSUBSCRIBE", "产品未开通", "product not opened", "missing from the list of mid-2019"),
	doc(136, all, "isv.ACCOUNT_NOT_EXISTS", "账户不存在", "account does not exist", ""),
	doc(137, all, "isv.ACCOUNT_ABNORMAL", "账户异常", "account in an abnormal state", "arrears, or retry later"),
	doc(138, all, "isp.SYSTEM_ERROR", "系统错误", "system error", "retry later"),
	doc(139, all, "isp.UNKNOWN_ERR_CODE", "运营商未知错误", "unknown error of the carrier", "retry later"),
	doc(140, all, "isv.PARTNER_NOT_EXIST", "未知合作伙伴", "unknown partner", "retry later"),
	doc(141, all, "isv.NO_NOT_EXIST", "号码不存在", "number does not exist", "the number is not in your account"),
	doc(142, all, "isv.ILLEGAL_ARGUMENT", "参数非法", "illegal argument", "also the answer to an unknown binding: subs not exist"),
	doc(143, all, "isp.DAO_EXCEPTION", "数据库异常", "database exception", "retry later"),
	doc(144, all, "isv.NO_AVAILABLE_NUMBER", "无可用号码", "no number available", "check the bind rate and the bindings in the pool"),
	doc(145, early, "isp.VENDOR_UNAVAILABLE", "运营商降级", "carrier switched off", ""),
	doc(146, all, "isv.FLOW_LIMIT", "业务流控", "flow limit of the service", "keep under the limit"),
	doc(147, early, "isv.PARTNER_IS_CLOSED", "partner被关停", "partner closed", ""),
	doc(148, all, "isv.FORBIDDEN_ACTION", "无权操作", "action not permitted", "createSubs: X unknown or not in this pool; update*: the binding has expired"),
	doc(149, early, "isv.NO_USED_BY_OTHERS", "码被其他业务方占用", "number in use by another business party", "as printed; a character is missing: 号码被, corrected in mid-2019"),
	doc(150, early, "isv.VENDOR_BIND_FAILED", "运营商绑定失败", "carrier failed to bind", ""),
	doc(151, all, "isv.EXPIRE_DATE_ILLEGAL", "过期时间非法", "illegal expiration", "its form, or not more than a minute ahead"),
	doc(152, all, "isv.MOBILE_NUMBER_ILLEGAL", "号码格式非法", "illegal number format", "digits only"),
	doc(153, all, "isv.BIND_CONFLICT", "绑定冲突", "binding conflict", "A or B is already bound with X"),

	doc(0, late, "isv.SUBS_NOT_EXIST", "绑定关系不存在", "binding does not exist", "expired, or pool, X and SubsId do not belong together"),
	doc(0, late, "isv.BUY_NUM_OVER_LIMIT", "号码购买量超过限制", "too many numbers bought", "at most 10,000 at a time"),
	doc(0, late, "isv.POOLKEY_NOT_EXISTS", "号池不存在", "number pool does not exist", "wrong PoolKey"),
	doc(0, late, "isp.GATEWAY_ERROR", "调用发送应用模块失败", "call of the sending module failed", "retry later"),
	doc(0, late, "isv.INVALID_PARAMETERS", "参数格式不正确", "wrong parameter format", ""),
	doc(0, late, "isv.UPDATE_CONFLICT", "更新绑定关系冲突", "conflict on updating a binding", "the last one seen; the list may go on"),
}

// Which editions list a code.
var (
	all    = [numEditions]bool{true, true, true}
	notMid = [numEditions]bool{true, false, true}
	early  = [numEditions]bool{true, true, false}
	late   = [numEditions]bool{false, false, true}
)

func doc(line int, in [numEditions]bool, name, zh, en, note string) *Code {
	c := &Code{Name: name, ZH: zh, EN: en, Group: Business, HTTPStatus: 200, Editions: in, Line: line, Note: note}
	if name == "OK" {
		c.Group = Success
	}
	for !in[c.Since] {
		c.Since++
	}
	return c
}

var (
	byEdition = func() (lists [numEditions][]*Code) {
		for _, c := range business {
			for e, in := range c.Editions {
				if in {
					lists[e] = append(lists[e], c)
				}
			}
		}
		return lists
	}()
	byName = func() (maps [numEditions]map[string]*Code) {
		for e := range maps {
			maps[e] = make(map[string]*Code)
			for _, c := range gatewayNames {
				maps[e][c.Name] = c
			}
			for _, c := range byEdition[e] {
				maps[e][c.Name] = c
			}
		}
		return maps
	}()
)

// Codes returns OK and the business codes that edition e lists, in the order of the document. The slice is the caller's.
func (e Edition) Codes() []*Code { return append([]*Code(nil), byEdition[e]...) }

// Find returns what edition e says of a code: its row in the list, else its row among the gateway codes, else the shared
// row of the pattern that it matches (named "Missing*", "Invalid*" or "Throttling*"), else nil: undocumented. Codes are
// compared exactly. Find does not allocate and keeps nothing of code.
func (e Edition) Find(code []byte) *Code {
	if c := byName[e][string(code)]; c != nil {
		return c
	}
	for _, p := range patterns {
		prefix := p.Name[:len(p.Name)-1]
		if len(code) > len(prefix) && string(code[:len(prefix)]) == prefix && isName(code[len(prefix):]) {
			return p
		}
	}
	return nil
}

// isName reports whether rest can end the name of a code: letters, digits, '.', '_', '-'.
func isName(rest []byte) bool {
	return bytes.IndexFunc(rest, func(r rune) bool {
		return !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || r == '.' || r == '_' || r == '-')
	}) < 0
}
