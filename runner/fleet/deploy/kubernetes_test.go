package deploy

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"
)

// openAPI makes jobSchema anew: go test ./runner/fleet/deploy -run TestJobSchema -openapi FILE, where FILE is
// api/openapi-spec/v3/apis__batch__v1_openapi.json of the module k8s.io/kubernetes (go mod download -json k8s.io/kubernetes@VERSION says where that is).
var (
	openAPI   = flag.String("openapi", "", "published OpenAPI description of batch/v1 to take the schema of a Job from")
	openAPIOf = flag.String("openapi-version", "", "version of k8s.io/kubernetes that it is of")
	jobSchema = "testdata/batch_v1_job.openapi.json"
	jobKind   = "io.k8s.api.batch.v1.Job"
)

type kubernetesJob struct {
	Spec struct {
		CompletionMode                                                                          string
		Completions, Parallelism, BackoffLimitPerIndex, MaxFailedIndexes, ActiveDeadlineSeconds *int64
		Template                                                                                struct {
			Spec struct {
				RestartPolicy                string
				AutomountServiceAccountToken *bool
				Grace                        int64 `json:"terminationGracePeriodSeconds"`
				HostNetwork                  bool
				Containers                   []struct {
					Command, Args []string
					Env           []struct {
						Name, Value string
						ValueFrom   struct {
							SecretKeyRef struct {
								Name, Key string
								Optional  bool
							}
						}
					}
					SecurityContext struct {
						ReadOnlyRootFilesystem, AllowPrivilegeEscalation *bool
						Capabilities                                     struct{ Drop []string }
					}
				}
				SecurityContext struct {
					RunAsNonRoot   bool
					SeccompProfile struct{ Type string }
				}
			}
		}
	}
}

func kubernetesTree(t rapid.TB, text []byte) any {
	t.Helper()
	data, err := yaml.YAMLToJSON(text)
	if err != nil {
		t.Fatalf("no YAML: %v\n%s", err, text)
	}
	tree, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func job(t rapid.TB, text []byte) (j kubernetesJob) {
	t.Helper()
	data, err := json.Marshal(kubernetesTree(t, text))
	if err == nil {
		err = json.Unmarshal(data, &j)
	}
	if err != nil || len(j.Spec.Template.Spec.Containers) != 1 {
		t.Fatalf("%v\n%s", err, text)
	}
	return j
}

// kubernetesCommand is the command line of a pod with the variables put in.
func kubernetesCommand(t rapid.TB, text []byte, index string) []string {
	t.Helper()
	c := job(t, text).Spec.Template.Spec.Containers[0]
	env := map[string]string{"JOB_COMPLETION_INDEX": index, "HOME": "/WRONG"}
	list := slices.Concat(c.Command, c.Args)
	for i, word := range list {
		list[i] = expandKubernetes(word, env)
	}
	return list
}

// expandKubernetes does what the documentation of Container.args says: "Variable references $(VAR_NAME) are expanded. … If a
// variable cannot be resolved, the reference in the input string will be unchanged. Double $$ are reduced to a single $".
func expandKubernetes(s string, env map[string]string) string {
	return regexp.MustCompile(`\$\$|\$\([^)]*\)`).ReplaceAllStringFunc(s, func(m string) string {
		if m == "$$" {
			return "$"
		}
		if v, ok := env[m[2:len(m)-1]]; ok {
			return v
		}
		return m
	})
}

// keysOf lists the paths in a tree.
func keysOf(at string, tree any) (list []string) {
	switch v := tree.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			list = append(list, keysOf(at+"/"+k, v[k])...)
		}
	case []any:
		for i, one := range v {
			list = append(list, keysOf(fmt.Sprintf("%s/%d", at, i), one)...)
		}
	default:
		return []string{fmt.Sprintf("%s %T", at, tree)}
	}
	return list
}

// TestJob holds what must not get lost in the template: each of these has an accident behind it.
func TestJob(t *testing.T) {
	s := sound(Kubernetes)
	s.Files = Files{Creds: "/home/me/agent.creds", Nkey: "/home/me/agent.creds"}
	text := manifest(t, Kubernetes, s)
	spec := job(t, text).Spec
	numbers := []struct {
		name string
		got  *int64
		want int64
	}{
		{"completions", spec.Completions, 4}, {"parallelism", spec.Parallelism, 4}, {"backoffLimitPerIndex", spec.BackoffLimitPerIndex, 0},
		{"maxFailedIndexes", spec.MaxFailedIndexes, 4}, {"activeDeadlineSeconds", spec.ActiveDeadlineSeconds, 7200},
	}
	for _, n := range numbers {
		if n.got == nil || *n.got != n.want {
			t.Errorf("%s is not %d", n.name, n.want)
		}
	}
	pod := spec.Template.Spec
	c := pod.Containers[0]
	if spec.CompletionMode != "Indexed" || pod.RestartPolicy != "Never" || pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken || pod.Grace < 10 || pod.HostNetwork {
		t.Errorf("the pod: %+v", pod)
	}
	if !pod.SecurityContext.RunAsNonRoot || pod.SecurityContext.SeccompProfile.Type != "RuntimeDefault" || !*c.SecurityContext.ReadOnlyRootFilesystem ||
		*c.SecurityContext.AllowPrivilegeEscalation || !slices.Equal(c.SecurityContext.Capabilities.Drop, []string{"ALL"}) {
		t.Errorf("what the pod may do: %+v, %+v", pod.SecurityContext, c.SecurityContext)
	}
	secrets := map[string]string{}
	for _, e := range c.Env {
		if ref := e.ValueFrom.SecretKeyRef; ref.Name != "" {
			secrets[e.Name] = fmt.Sprint(ref.Name, " ", ref.Key == e.Name, " ", ref.Optional)
		} else if strings.HasPrefix(e.Name, "A") {
			t.Errorf("%s stands in the manifest", e.Name)
		}
	}
	want := map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "axbench-api true false", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "axbench-api true false",
		"ALIBABA_CLOUD_SECURITY_TOKEN": "axbench-api true true", "AXBENCH_NATS_USER": "axbench-nats true true", "AXBENCH_NATS_PASSWORD": "axbench-nats true true"}
	if !maps.Equal(secrets, want) {
		t.Errorf("from Secrets: %v, want %v", secrets, want)
	}
	if n := strings.Count(string(text), `- key: "agent.creds"`); n != 1 {
		t.Errorf("the file is %d times in the volume", n)
	}
}

// TestJobSchema holds the manifest against what Kubernetes publishes, and shows that a mistake would be seen.
func TestJobSchema(t *testing.T) {
	if *openAPI != "" {
		reduce(t)
	}
	schema := strictSchema(t)
	few := sound(Kubernetes)
	few.Secret, few.NATSSecret, few.AllowHosts = "", "", nil
	many := sound(Kubernetes)
	many.Files = Files{Creds: "/home/me/agent.creds", CA: "/home/me/ca.pem"}
	for _, s := range []Settings{few, many} {
		text := manifest(t, Kubernetes, s)
		if err := schema.Validate(kubernetesTree(t, text)); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	}
	good := string(manifest(t, Kubernetes, many))
	mistakes := []struct{ name, old, now string }{
		{"a misspelt field of the job", "backoffLimitPerIndex:", "backoffLimitPerIndx:"},
		{"of the pod", "automountServiceAccountToken:", "automountServiceAcountToken:"},
		{"of the container", "workingDir:", "workDir:"},
		{"of a reference", "secretKeyRef:", "secretRef:"},
		{"of a volume", "emptyDir:", "emptyDirectory:"},
		{"of a volume's keys", "defaultMode:", "defaultmode:"},
		{"of the top", "metadata:", "metdata:"},
		{"text for a number", "completions: 4", `completions: "4"`},
		{"a number for text", "restartPolicy: Never", "restartPolicy: 1"},
		{"text for a truth", "readOnlyRootFilesystem: true", `readOnlyRootFilesystem: "true"`},
		{"half a number", "parallelism: 4", "parallelism: 4.5"},
		{"a number that is too large", "maxFailedIndexes: 4", "maxFailedIndexes: 4294967296"},
		{"a required field that is missing", "      containers:", "      initContainers:"},
		{"a number among arguments", `"--prefer"`, "7"},
	}
	for _, m := range mistakes {
		bad := strings.Replace(good, m.old, m.now, 1)
		if bad == good {
			t.Fatalf("%s: the manifest has no %s", m.name, m.old)
		}
		if err := schema.Validate(kubernetesTree(t, []byte(bad))); err == nil {
			t.Errorf("%s is not seen: %s", m.name, m.now)
		}
	}
}

// strictSchema is the schema of a Job in which a field that has no description is a mistake. Kubernetes says so too, where it is asked to
// (--validate=strict).
func strictSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(jobSchema)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	closed := 0
	for _, one := range doc.(map[string]any)["components"].(map[string]any)["schemas"].(map[string]any) {
		s := one.(map[string]any)
		if _, open := s["additionalProperties"]; s["properties"] != nil && !open {
			s["additionalProperties"] = false
			closed++
		}
	}
	if closed < 50 {
		t.Fatalf("only %d descriptions of objects: this is not the schema of a Job", closed)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	for name, limit := range map[string]float64{"int32": math.MaxInt32, "int64": math.MaxInt64} {
		c.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error {
			if n, ok := v.(json.Number); ok {
				if f, err := n.Float64(); err != nil || math.Abs(f) > limit {
					return fmt.Errorf("%v is beyond %s", n, name)
				}
			}
			return nil
		}})
	}
	if err := c.AddResource("job.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("job.json#/components/schemas/" + jobKind)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// reduce keeps of the published description what a Job refers to, without the texts, a line each.
func reduce(t *testing.T) {
	t.Helper()
	data, err := os.ReadFile(*openAPI)
	if err != nil {
		t.Fatal(err)
	}
	var all struct {
		OpenAPI    string
		Components struct{ Schemas map[string]any }
	}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	kept := map[string]any{}
	var keep func(name string)
	var walk func(v any, names bool) any
	walk = func(v any, names bool) any {
		switch v := v.(type) {
		case map[string]any:
			out := map[string]any{}
			for k, one := range v {
				if ref, ok := one.(string); ok && k == "$ref" {
					keep(strings.TrimPrefix(ref, "#/components/schemas/"))
				}
				if names || k != "description" && !strings.HasPrefix(k, "x-kubernetes-") {
					out[k] = walk(one, !names && k == "properties")
				}
			}
			return out
		case []any:
			for i := range v {
				v[i] = walk(v[i], false)
			}
		}
		return v
	}
	keep = func(name string) {
		if _, ok := kept[name]; !ok {
			kept[name] = nil
			kept[name] = walk(all.Components.Schemas[name], false)
		}
	}
	keep(jobKind)
	var out bytes.Buffer
	fmt.Fprintf(&out, "{\n\"openapi\": %q,\n\"info\": {\n\"title\": \"Kubernetes: batch/v1 Job\",\n\"version\": %q,\n\"license\": {\"name\": \"Apache-2.0\"},\n", all.OpenAPI, *openAPIOf)
	fmt.Fprintf(&out, "\"x-from\": \"api/openapi-spec/v3/apis__batch__v1_openapi.json of k8s.io/kubernetes, Copyright The Kubernetes Authors\",\n")
	fmt.Fprintf(&out, "\"x-changed\": \"only what a Job refers to is kept, without descriptions and x-kubernetes-*\"\n},\n\"paths\": {},\n\"components\": {\"schemas\": {\n")
	for i, name := range slices.Sorted(maps.Keys(kept)) {
		line, err := json.Marshal(kept[name])
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			out.WriteString(",\n")
		}
		fmt.Fprintf(&out, "%q: %s", name, line)
	}
	out.WriteString("\n}}\n}\n")
	if err := os.WriteFile(jobSchema, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}
