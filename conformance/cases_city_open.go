package conformance

import "strings"

// cityChoices find out which names of a city are understood.
var cityChoices = []testCase{
	{"city/names", []string{"PRM-CITY-6", "PRM-CITY-8"}, []need{needTwoCities}, (*trial).cityNames},
}

// latin are the names of large cities in Latin letters.
var latin = map[string]string{
	"北京": "beijing", "上海": "shanghai", "广州": "guangzhou", "深圳": "shenzhen", "杭州": "hangzhou", "成都": "chengdu", "重庆": "chongqing",
	"武汉": "wuhan", "南京": "nanjing", "天津": "tianjin", "西安": "xian", "苏州": "suzhou",
}

// cityNames asks for a city by its name with the suffix and in Latin letters.
func (t *trial) cityNames() {
	p := t.provision.Pool("main")
	suffix, language := false, false
	for _, city := range p.Cities() {
		if !suffix && !strings.HasSuffix(city, "市") {
			suffix = t.cityName("city_suffix", "the name of a city with its suffix", city, city+"市")
		}
		if name := latin[city]; !language && name != "" {
			language = t.cityName("city_language", "the name of a city in Latin letters", city, name)
		}
	}
}

// cityName finds out whether a name stands for a city: so many times in a row it is no chance. It reports false where the city cannot tell.
func (t *trial) cityName(id, text, city, name string) bool {
	const times = 6
	p := t.provision.Pool("main")
	if t.freeIn(p, city) < times || t.bindings.left() < times || t.bind().get("PhoneNoX") != "" {
		return false
	}
	inCity := 0
	for range times {
		x := t.send(t.bind().set("ExpectCity", name).saying(text))
		if !x.ok() {
			t.chooseRefusal(id, text, x)
			return true
		}
		if of, _ := p.CityOf(x.secretNo); of == city {
			inCity++
		}
	}
	value := "not understood"
	if inCity == times {
		value = "understood"
	}
	t.choose(id, text, value, itoa(inCity)+" of "+itoa(times)+" bindings in the city")
	return true
}
