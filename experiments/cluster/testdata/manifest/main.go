// Command manifest reads Kubernetes objects from stdin and decodes them strictly into
// Kubernetes' own types: an unknown field or a value of the wrong type is an error.
package main

import (
	"fmt"
	"io"
	"log"
	"os"
	"strings"

	batch "k8s.io/api/batch/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

func main() {
	log.SetFlags(0)
	content, err := io.ReadAll(os.Stdin)
	if err != nil {
		log.Fatal(err)
	}
	for _, document := range strings.Split(string(content), "\n---\n") {
		var kind meta.TypeMeta
		if err := yaml.Unmarshal([]byte(document), &kind); err != nil {
			log.Fatal(err)
		}
		var job batch.Job
		switch kind.APIVersion + " " + kind.Kind {
		case "batch/v1 Job":
			err = yaml.UnmarshalStrict([]byte(document), &job)
			fmt.Println("Job", job.Name)
		case "v1 PersistentVolumeClaim":
			err = yaml.UnmarshalStrict([]byte(document), new(core.PersistentVolumeClaim))
			fmt.Println("PersistentVolumeClaim")
		default:
			log.Fatalf("an object of kind %q", kind)
		}
		if err != nil {
			log.Fatal(err)
		}
	}
}
