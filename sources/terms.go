package sources

import (
	"slices"
	"strings"
)

// Terms are how those who publish files let others use what is in them, as they say it
// themselves at Page. They are told, not judged.
type Terms struct {
	Publisher string `json:"publisher"` // as captions name it
	Cite      string `json:"cite"`      // how to name the source
	Licence   string `json:"licence"`   // its name; "" when it has none
	Text      string `json:"text"`      // what the terms come to
	Page      string `json:"page"`      // where they stand; "" when nobody knows
}

var (
	comtradeTerms = Terms{
		Cite: "United Nations Statistics Division, UN Comtrade database",
		Text: "The data are for internal use and may not be re-disseminated in any form without the written permission of the United Nations Statistics Division; " +
			"its policy says what is exempt, such as small amounts of data.",
		Page: "https://comtrade.un.org/db/help/PolicyOnUseAndRedissemination.pdf",
	}
	witsTerms = Terms{
		Cite: "World Bank, World Integrated Trade Solution (WITS); data of UN Comtrade, United Nations Statistics Division",
		Text: "Trade values in WITS are those of UN Comtrade, copyright of the United Nations: for internal use, not to be re-disseminated in any form without the " +
			"written permission of the United Nations Statistics Division.",
		Page: "https://wits.worldbank.org/WITS/wits/registration/TermsAndCondtions.aspx",
	}
	itcTerms = Terms{
		Cite: "International Trade Centre, Trade Map (www.trademap.org)",
		Text: "The database is the International Trade Centre's; use is under the terms to which its users agree. Ask the Centre before values are passed on.",
		Page: "https://www.trademap.org/stTermsConditions.aspx",
	}
	cepiiTerms = Terms{
		Cite: "Gaulier, G. and Zignago, S. (2010), BACI: International Trade Database at the Product-Level. The 1994-2007 Version. CEPII Working Paper 2010-23",
		Text: "Use, adaptation and redistribution are free, also for money, if the source and the date of its last update are named.",
		Page: "https://www.cepii.fr/CEPII/en/bdd_modele/bdd_modele_item.asp?id=37", Licence: "Etalab Open Licence 2.0",
	}
	eurostatTerms = Terms{
		Cite: "Eurostat, Comext database",
		Text: "Use is free, also for money, if the source is named and changes to the data are said. Excepted from use for money are the trade of EFTA countries, " +
			"and of Austria by eight-digit codes.",
		Page: "https://ec.europa.eu/eurostat/web/main/help/copyright-notice", Licence: "Commission Decision 2011/833/EU (reuse)",
	}
	unknownTerms = Terms{
		Text: "The settings describe these files; whoever published them may have terms, which apply to the values.",
	}
)

// TermsOf are the terms of files of some formats, such as "wits-csv", each publisher's
// once, in the order of the publishers' names.
func TermsOf(formatNames []string) []Terms {
	var all []Terms
	for _, name := range formatNames {
		t := Terms{Publisher: name, Text: unknownTerms.Text}
		if f := formatOf(name); f != nil {
			t = f.source.terms
			t.Publisher = f.source.Publisher
		}
		if !slices.Contains(all, t) {
			all = append(all, t)
		}
	}
	slices.SortFunc(all, func(a, b Terms) int { return strings.Compare(a.Publisher, b.Publisher) })
	return all
}
