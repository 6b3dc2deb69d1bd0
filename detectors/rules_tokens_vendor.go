package detectors

import "hash/crc32"

// vendorTokens are the tokens of services whose documentation tells their
// prefix, one table row each. Rows whose form other things have too name
// keywords, which are needed then.
func vendorTokens() []Rule {
	var rules []Rule
	for _, v := range vendors() {
		rules = append(rules, v.rule())
	}
	for _, v := range moreVendors() {
		rules = append(rules, v.rule())
	}
	return rules
}

func vendors() []vendor {
	return []vendor{
		{id: "AWS_SESSION_TOKEN", name: "AWS session token", source: "AWS STS; the prefixes are the encoded beginnings of its tokens",
			forms: []string{"IQoJb3JpZ2lu{B76-1800}", "FwoGZXIvYXdz{B76-1800}", "FQoGZXIvYXdz{B76-1800}", "FQoDYXdz{B76-1800}", "AQoDYXdz{B76-1800}"}},
		{id: "AWS_BEDROCK_API_KEY", name: "Amazon Bedrock API key", source: "Amazon Bedrock user guide, API keys",
			forms: []string{"ABSKQmVkcm9ja0FQSUtleS{B100-280}", "bedrock-api-key-YmVkcm9jay5hbWF6b25hd3MuY29t{B0-2000}"}},
		{id: "AMAZON_MWS_TOKEN", name: "Amazon MWS auth token or login client secret", source: "Amazon Marketplace Web Service and Login with Amazon documentation",
			forms: []string{"amzn.mws.{h8}-{h4}-{h4}-{h4}-{h12}", "amzn1.oa2-cs.v1.{h64}"}},
		{id: "GITLAB_TOKEN", name: "GitLab token", source: "GitLab documentation, token overview",
			forms: []string{"glpat-{u20-50}", "glpat-{u27-300}.{l9}", "glpat-{u27-300}.{l2}.{l9}", "gldt-{u20-50}", "glrt-{u20-60}", "glrt-{u27-300}.{l2}.{l9}", "glrtr-{u20-60}",
				"glcbt-{u20-60}", "glptt-{h40}", "glft-{u20-64}", "glsoat-{u20-50}", "glimt-{u20-50}", "glagent-{u50}", "gloas-{x64}", "glffct-{u20-50}", "glwt-{u20-50}", "GR1348941{u20}"}},
		{id: "GOOGLE_OAUTH_CLIENT_SECRET", name: "Google OAuth client secret", source: "Google Identity documentation", forms: []string{"GOCSPX-{u28}"}},
		{id: "GOOGLE_OAUTH_TOKEN", name: "Google OAuth access or refresh token", source: "Google Identity documentation, token formats",
			forms: []string{"ya29.{u20-1000}", "ya29.{a1}.{u20-1000}", "1//0{u38-400}"}},
		{id: "HUGGINGFACE_TOKEN", name: "Hugging Face token", source: "Hugging Face documentation, user access tokens", forms: []string{"hf_{L34}", "api_org_{L34}"}},
		{id: "ANTHROPIC_API_KEY", name: "Anthropic API key", source: "Anthropic documentation",
			forms: []string{"sk-ant-api03-{u93}AA", "sk-ant-admin01-{u93}AA", "sk-ant-oat01-{u93}AA", "sk-ant-ort01-{u93}AA", "sk-ant-sid01-{u93}AA", "sk-ant-sid02-{u93}AA"}},
		{id: "STRIPE_API_KEY_EXTENDED", name: "Stripe webhook secret, ephemeral, organization or publishable key",
			source: "Stripe documentation, API keys and webhooks; secret and restricted keys are STRIPE_CREDENTIALS",
			forms:  []string{"whsec_{B24-88}", "pk_live_{a24-120}", "pk_test_{a24-120}", "ek_live_{a24-160}", "ek_test_{a24-160}", "sk_org_live_{a24-120}", "sk_org_test_{a24-120}"}},
		{id: "SENDGRID_API_KEY", name: "SendGrid API key", source: "SendGrid documentation", forms: []string{"SG.{u22}.{u43}"}},
		{id: "NPM_TOKEN", name: "npm access token", source: "npm documentation; a UUID is the old form", forms: []string{"npm_{a36}", "_authToken=^{h8}-{h4}-{h4}-{h4}-{h12}"},
			check: hasTokenCRC, checkDoc: "The last six characters of npm_ tokens are a CRC-32 of those before them in base 62 (GitHub, token formats); one that fails is less certain."},
		{id: "PYPI_TOKEN", name: "PyPI upload token", source: "PyPI documentation; a macaroon whose location is the index",
			forms: []string{"pypi-AgEIcHlwaS5vcmc{u50-1000}", "pypi-AgENdGVzdC5weXBpLm9yZw{u50-1000}"}},
		{id: "DOCKER_HUB_TOKEN", name: "Docker Hub access token", source: "Docker documentation, access tokens", forms: []string{"dckr_pat_{u27}", "dckr_oat_{u32}"}},
		{id: "SHOPIFY_TOKEN", name: "Shopify token", source: "Shopify developer documentation, access tokens",
			forms: []string{"shpat_{x32}", "shpca_{x32}", "shppa_{x32}", "shpss_{x32}"}},
		{id: "DIGITALOCEAN_TOKEN", name: "DigitalOcean token", source: "DigitalOcean documentation, token formats", forms: []string{"dop_v1_{h64}", "doo_v1_{h64}", "dor_v1_{h64}"}},
		{id: "DATABRICKS_TOKEN", name: "Databricks token", source: "Databricks documentation, personal access tokens and OAuth secrets",
			forms: []string{"dapi{h32}", "dapi{h32}-{91-2}", "dose{h32}"}},
		{id: "GRAFANA_TOKEN", name: "Grafana token", source: "Grafana documentation, service accounts, access policies and API keys",
			forms: []string{"glsa_{a32}_{x8}", "glc_{B32-400}", "eyJrIjoi{B70-400}"}},
		{id: "ATLASSIAN_API_TOKEN", name: "Atlassian, Bitbucket or Trello token", source: "Atlassian documentation, API tokens; Bitbucket app passwords and access tokens",
			forms: []string{"ATATT3{u150-250}={H8}", "ATCTT3{u150-250}={H8}", "ATBB{a32}", "ATTA{h64}{H8}"}},
		{id: "HASHICORP_VAULT_TOKEN", name: "HashiCorp Vault token", source: "Vault documentation, token prefixes", forms: []string{"hvs.{u24-200}", "hvb.{u24-400}", "hvr.{u24-400}"}},
		{id: "HASHICORP_VAULT_LEGACY_TOKEN", name: "HashiCorp Vault token of before 1.10", source: "Vault documentation, token prefixes",
			forms: []string{"s.{a24}"}, words: "vault; vault token; x-vault-token; token"},
		{id: "MAILGUN_API_KEY", name: "Mailgun API key", source: "Mailgun documentation", forms: []string{"key-{h32}", "~{h32}-{h8}-{h8}"}},
		{id: "MAILCHIMP_API_KEY", name: "Mailchimp API key", source: "Mailchimp documentation, API keys end in the data center", forms: []string{"~{h32}-us{91-2}"}},
		{id: "TERRAFORM_CLOUD_TOKEN", name: "Terraform Cloud token", source: "HashiCorp documentation, API tokens", forms: []string{"@{a14}.atlasv1.{u60-70}"}},
		{id: "ONEPASSWORD_TOKEN", name: "1Password service account token or secret key", source: "1Password developer documentation; about your Secret Key",
			forms: []string{"ops_eyJ{B250-2000}", "A3-{U6}-{U6}-{U5}-{U5}-{U5}-{U5}", "A3-{U6}-{U11}-{U5}-{U5}-{U5}"}},
		{id: "SENTRY_TOKEN", name: "Sentry token", source: "Sentry documentation, auth tokens", forms: []string{"sntrys_eyJ{B60-600}_{b43}", "sntryu_{h64}"}},
		{id: "NOTION_TOKEN", name: "Notion integration token", source: "Notion developer documentation", forms: []string{"ntn_{911}{a35}", "secret_{a43}"}},
		{id: "FACEBOOK_ACCESS_TOKEN", name: "Facebook access token", source: "Meta documentation, access tokens",
			forms: []string{"EAAM{a100-400}", "EAAC{a100-400}", "EAAG{a100-400}", "EAAB{a100-400}", "~{915-16}|{u27}"}},
		{id: "SQUARE_TOKEN", name: "Square token", source: "Square developer documentation", forms: []string{"sq0atp-{u22}", "sq0csp-{u43}", "sq0idp-{u22}", "EAAA{u60}"}},
		{id: "FLYIO_TOKEN", name: "Fly.io token", source: "Fly.io documentation, access tokens", forms: []string{"fo1_{u43}", "fm1r_{B100-3000}", "fm1a_{B100-3000}", "fm2_{B100-3000}"}},
		{id: "CLOUDFLARE_ORIGIN_CA_KEY", name: "Cloudflare Origin CA key", source: "Cloudflare documentation", forms: []string{"v1.0-{h24}-{h146}"}},
		{id: "HEROKU_API_KEY", name: "Heroku API key", source: "Heroku documentation, HRKU- tokens", forms: []string{"HRKU-{u60}", "HRKU-{h8}-{h4}-{h4}-{h4}-{h12}"}},
		{id: "OKTA_API_TOKEN", name: "Okta API token", source: "Okta documentation", forms: []string{"00{u40}"}, words: "okta; okta api token; okta token; ssws; okta api key; okta key; oktaapitoken"},
		{id: "SONARQUBE_TOKEN", name: "SonarQube token", source: "SonarQube documentation, token types", forms: []string{"squ_{h40}", "sqp_{h40}", "sqa_{h40}"}},
		{id: "SOURCEGRAPH_TOKEN", name: "Sourcegraph access token", source: "Sourcegraph documentation", forms: []string{"sgp_{x40}", "sgp_{x16}_{x40}", "sgp_local_{x40}", "sgd_{x64}", "slk_{x64}"}},
		{id: "JFROG_TOKEN", name: "JFrog Artifactory API key or reference token", source: "JFrog documentation", forms: []string{"AKCp{a69}", "cmVmdGtu{a56}"}},
	}
}

// hasTokenCRC reports whether the last six characters of a token with an underscore
// before 36 letters and digits are the CRC-32 of the 30 before them in base 62
// (GitHub blog, "Behind GitHub's new authentication token formats").
func hasTokenCRC(token []byte) bool {
	const random, check = 30, 6
	if len(token) != len("npm_")+random+check || token[3] != '_' {
		return false
	}
	token = token[len("npm_"):]
	sum := crc32.ChecksumIEEE(token[:random])
	for i := len(token) - 1; i >= random; i-- {
		if token[i] != "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[sum%62] {
			return false
		}
		sum /= 62
	}
	return sum == 0
}
