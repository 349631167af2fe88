package emulator

import (
	"axbench/conformance/numbers"
)

// A change reads from the call what an OperateType changes. kind is how a refusal names it in its Message.
type change struct {
	operateType string
	kind        string
	param       field // without which there is nothing to change
	name        string
	read        func(c *call) *row
}

// changes are the kinds of UpdateSubscription.
var changes = []change{
	{"updateNoA", "updateNoA", fPhoneNoA, "PhoneNoA", (*call).changeA},
	{"updateNoB", "updateNoB", fPhoneNoB, "PhoneNoB", (*call).changeB},
	{"updateExpire", "updateEndDate", fExpiration, "Expiration", (*call).changeExpiration},
	{"updateAxgGroup", "createAxgGroup", fGroupID, "GroupId", (*call).changeGroup},
	{"updateCallRestrict", "updateCallRestrict", fCallRestrict, "CallRestrict", (*call).changeRestrict},
	{"updateCallDisplayType", "updateCallDisplayType", fCallDisplayType, "CallDisplayType", (*call).changeDisplay},
	{"updateOutId", "updateOutId", fOutID, "OutId", (*call).changeOutID},
	{"updateIsRecordingEnabled", "updateIsRecordingEnabled", fIsRecordingEnabled, "IsRecordingEnabled", (*call).changeRecording},
	{"updateAsr", "updateAsr", fASRStatus, "ASRStatus", (*call).changeASR},
}

// checkChange reads what is to be changed. OperateType is compared exactly; what belongs to another type is not looked at.
func (c *call) checkChange() *row {
	for i := range changes {
		k := &changes[i]
		if k.operateType != c.values[fOperateType] {
			continue
		}
		if c.kind = k.kind; c.values[k.param] == "" {
			return c.wrong(c.server.rows.illegal, "COD-ILLEGAL_ARGUMENT", k.name)
		}
		if !object(c.values[fRingConfig]) {
			return c.wrong(c.server.rows.illegal, "COD-ILLEGAL_ARGUMENT", "RingConfig")
		}
		return k.read(c)
	}
	return c.wrong(c.server.rows.illegal, "COD-ILLEGAL_ARGUMENT", "OperateType")
}

func (c *call) changeA() (r *row) {
	r = c.checkPhoneA()
	c.change.A = c.request.A
	return r
}

func (c *call) changeB() (r *row) {
	r = c.checkPhoneB()
	c.change.B = c.request.B
	return r
}

func (c *call) changeExpiration() (r *row) {
	r = c.checkExpiration()
	c.change.Expires = c.request.Expires
	return r
}

// changeGroup is refused: there are no pools of type AXG here.
func (c *call) changeGroup() *row { return c.forbidden("GroupId") }

func (c *call) changeRestrict() *row {
	const clear = "CONTROL_CLEAR_DISABLE"
	restrict, ok := uint32(0), c.values[fCallRestrict] == clear
	if !ok {
		restrict, ok = oneOf(restricts[:], c.values[fCallRestrict])
	}
	return c.changeNote(ok, "CallRestrict", 3*noteRestrict, restrict*noteRestrict)
}

func (c *call) changeDisplay() *row {
	display, ok := integer(c.values[fCallDisplayType], 1, 3)
	return c.changeNote(ok, "CallDisplayType", 3*noteDisplay, display*noteDisplay)
}

func (c *call) changeRecording() *row {
	recording, ok := c.flag(fIsRecordingEnabled, noteRecording, false)
	if !ok {
		return c.wrong(c.server.rows.illegal, "PRM-REC-4", "IsRecordingEnabled")
	}
	return c.changeNote(ok, "IsRecordingEnabled", noteRecording, recording)
}

// changeASR changes the model too if there is one.
func (c *call) changeASR() *row {
	asr, ok := c.flag(fASRStatus, noteASR, false)
	model, okModel := oneOf(models[:], c.values[fASRModelID])
	mask := noteASR
	if model != 0 {
		mask |= 3 * noteModel
	}
	return c.changeNote(ok && okModel, "ASRStatus", mask, asr|model*noteModel)
}

func (c *call) changeOutID() *row {
	if len(c.values[fOutID]) > c.server.rules.outIDBytes {
		return c.wrong(c.server.rows.illegal, "COD-ILLEGAL_ARGUMENT", "OutId")
	}
	c.change.Label = &c.values[fOutID]
	return nil
}

func (c *call) changeNote(ok bool, name string, mask, note uint32) *row {
	if !ok {
		return c.wrong(c.server.rows.illegal, "COD-ILLEGAL_ARGUMENT", name)
	}
	c.change.NoteMask, c.change.Note = mask, note
	return nil
}

// forbidden refuses an update, as the page of today says: with the kind of update in the Message.
func (c *call) forbidden(param string) *row {
	c.says(c.kind)
	return c.wrong(c.server.rows.forbidden, "COD-FORBIDDEN_ACTION", param)
}

// update changes a binding.
func (c *call) update() *row {
	sub := c.subscription()
	var refusal numbers.Refusal = numbers.Unknown
	if c.pool != nil && sub.valid {
		c.binding, refusal = c.pool.Update(c.today, sub.id, sub.x, c.change)
	}
	switch refusal {
	case numbers.Ended:
		return c.forbidden("SubsId")
	case numbers.Conflict:
		return c.wrong(c.server.rules.conflict, "PRM-X-5", "PhoneNoX")
	case numbers.SameNumber:
		return c.wrong(c.server.rows.illegal, "PRM-AB-1", "PhoneNoB")
	}
	return c.found(refusal)
}
