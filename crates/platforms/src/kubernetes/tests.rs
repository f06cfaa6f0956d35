//! Manifests: reading real ones and writing them.

mod written;

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use packwright_planner::MemoryTree;
use proptest::prelude::*;

use super::*;
use crate::container::tests::{SECRET, breaches, described};
use crate::test_languages::LANGUAGES;

fn seen(tree: &MemoryTree) -> Vec<Declarations> {
    declarations(&DirView { tree, dir: None, languages: LANGUAGES, environment: &BTreeMap::new() })
}

fn check(tree: &str, expected: Expect) {
    let tree = MemoryTree::parse(tree);
    let declared = seen(&tree);
    expected.assert_eq(&described(&declared));
    assert_eq!(breaches(&tree, &declared), Vec::<String>::new());
}

#[test]
fn a_shop_in_a_cluster() {
    check(
        r#"//- /k8s/app.yaml
apiVersion: v1
kind: ConfigMap
metadata: {name: shop-env}
data: {DJANGO_SETTINGS_MODULE: shop.settings, WORKERS: "4", DB_URL_FORMAT: "postgres://x:y@db/z"}
---
apiVersion: v1
kind: Secret
metadata: {name: shop-secret}
stringData: {SECRET_KEY: hunter2, STRIPE_KEY: sk_live_0123456789abcdefghij}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, labels: {app.kubernetes.io/part-of: store}}
spec:
  replicas: 3
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop, tier: web}}
    spec:
      terminationGracePeriodSeconds: 45
      initContainers:
        - {name: migrate, image: "example/shop:1", command: [python, manage.py, migrate]}
        - {name: wait, image: busybox, command: [sh, -c, "until nc -z db 5432; do sleep 1; done"]}
      containers:
        - name: shop
          image: example/shop:1
          command: ["gunicorn", "--workers=$(WORKERS)", "--token=$(STRIPE_KEY)", "$$(HOME)", "$(NOBODY)"]
          args: [shop.wsgi]
          ports: [{name: http, containerPort: 8000}]
          envFrom: [{configMapRef: {name: shop-env}}, {secretRef: {name: elsewhere}}]
          env:
            - {name: PORT, value: "8000"}
            - {name: STRIPE_KEY, valueFrom: {secretKeyRef: {name: shop-secret, key: STRIPE_KEY}}}
            - {name: DATABASE_URL, value: "postgres://app:$(DB_PASSWORD)@db.shop.svc.cluster.local:5432/shop"}
            - {name: OPTIONAL, valueFrom: {secretKeyRef: {name: x, key: y, optional: true}}}
            - {name: OWN, valueFrom: {secretKeyRef: {name: store, key: OWN}}}
            - {name: LEVEL, valueFrom: {configMapKeyRef: {name: shop-env, key: WORKERS}}}
            - {name: NODE, valueFrom: {fieldRef: {fieldPath: spec.nodeName}}}
            - {name: API_TOKEN, value: sk_live_0123456789abcdefghij}
          readinessProbe: {httpGet: {path: /healthz, port: http}, periodSeconds: 5, initialDelaySeconds: 3}
          livenessProbe: {tcpSocket: {port: 8000}}
          resources: {requests: {cpu: 250m, memory: 256Mi}, limits: {memory: 512Mi, nvidia.com/gpu: 1}}
          volumeMounts: [{name: media, mountPath: /app/media}, {name: tmp, mountPath: /tmp}]
        - {name: proxy, image: "nginx:1.27"}
      volumes:
        - {name: media, persistentVolumeClaim: {claimName: shop-media}}
        - {name: tmp, emptyDir: {}}
---
apiVersion: v1
kind: Service
metadata: {name: shop}
spec: {selector: {app: shop}, ports: [{port: 80, targetPort: http}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: shop}
spec:
  rules:
    - host: shop.example.com
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: shop, port: {number: 80}}}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: shop}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}, minReplicas: 2, maxReplicas: 10}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: shop-media}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: database}
spec:
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: postgres, image: "postgres:16.3"}]}
---
apiVersion: v1
kind: Service
metadata: {name: db}
spec: {selector: {app: db}, ports: [{port: 5432}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
//- /k8s/jobs.yml
apiVersion: v1
kind: List
items:
  - apiVersion: batch/v1
    kind: CronJob
    metadata: {name: nightly}
    spec:
      schedule: "0 3 * * *"
      jobTemplate: {spec: {template: {spec: {containers: [{name: n, image: "example/shop:1", args: [python, manage.py, nightly]}]}}}}
  - apiVersion: batch/v1
    kind: Job
    metadata: {name: seed}
    spec: {template: {spec: {containers: [{name: n, image: "example/shop:1", args: [seed]}]}}}
"#,
        expect![[r#"
            k8s/app.yaml called store
              part at the top called shop (k8s/app.yaml:13)
                Image("example/shop:1") (k8s/app.yaml:26)
                web Web: shell exec gunicorn --workers=4 --token="${STRIPE_KEY}" '$(HOME)' '$(NOBODY)' shop.wsgi (k8s/app.yaml:26)
                  port Variable (k8s/app.yaml:29)
                  health Http("/healthz") Some(5) None Some(3) None (k8s/app.yaml:40)
                  scale 2 Some(10) (k8s/app.yaml:65)
                  size cpu 250m, memory 512Mi (k8s/app.yaml:42)
                  stop None Some(45) (k8s/app.yaml:20)
                release Release(BeforeTraffic): exec python manage.py migrate (k8s/app.yaml:22)
                nightly Cron("0 3 * * *"): exec python manage.py nightly (k8s/jobs.yml:9)
                DB_URL_FORMAT = a secret, not shown (k8s/app.yaml:4)
                DJANGO_SETTINGS_MODULE = shop.settings (k8s/app.yaml:4)
                WORKERS = 4 (k8s/app.yaml:4)
                STRIPE_KEY = from secret shop-secret (k8s/app.yaml:33)
                DATABASE_URL = connection-string of database (k8s/app.yaml:34)
                OPTIONAL = optional (k8s/app.yaml:35)
                OWN = required (k8s/app.yaml:36)
                LEVEL = 4 (k8s/app.yaml:4)
                NODE = from field spec.nodeName (k8s/app.yaml:38)
                API_TOKEN = a secret, not shown (k8s/app.yaml:39)
                PORT = 8000 (k8s/app.yaml:32)
                shop-media at /app/media of Some(10240) (k8s/app.yaml:43)
              service database postgresql 16.3 (k8s/app.yaml:78)
              domain shop.example.com (k8s/app.yaml:59)
              Info kubernetes/other-kinds objects of these kinds are not read: Namespace
              Warning kubernetes/secret-in-file k8s/app.yaml:6: the secret `shop-secret` is in a file of the source
              Info kubernetes/not-counted k8s/app.yaml:11: `proxy` of `shop` runs `nginx:1.27`, no part of this source
              Info kubernetes/migrates-in-init k8s/app.yaml:22: `migrate` is run before every instance of `shop`
              Info kubernetes/elsewhere k8s/app.yaml:30: all variables of the secret `elsewhere` are set, which is not in these files
              Info kubernetes/not-counted k8s/jobs.yml:13: the job `seed` is not read
        "#]],
    );
}

#[test]
fn what_is_no_manifest_is_named_or_left() {
    check(
        "//- /deploy/chart.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Values.name }}}\n//- /k8s/kustomization.yaml\nresources: [a.yaml]\n//- /app.yaml\nruntime: python312\n//- /mkdocs.yml\nsite_name: x\n//- /k8s/overlays/prod/p.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: patch}\n",
        expect![[r#"
            deploy/chart.yaml
              Info kubernetes/template deploy/chart.yaml is a template and no manifest
              Info kubernetes/kustomization k8s/kustomization.yaml is a kustomization, which is not applied
        "#]],
    );
    check(
        "//- /deploy/quoted.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: \"{{ .Values.name }}\"}\n",
        expect![[r#"
            deploy/quoted.yaml
              Info kubernetes/template deploy/quoted.yaml is a template and no manifest
        "#]],
    );
    check(
        "//- /deploy/braces.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: shop}\nspec: {template: {spec: {containers: [{name: shop, image: example/shop, env: [{name: LINE, value: \"{{\"}]}]}}}\n",
        expect![[r#"
            deploy/braces.yaml
              part at the top
                Image("example/shop") (deploy/braces.yaml:4)
                shop Worker: as the image does (deploy/braces.yaml:4)
                LINE = {{ (deploy/braces.yaml:4)
        "#]],
    );
    check("//- /mkdocs.yml\nsite_name: x\n//- /k8s/values.yaml\na: b\n", expect![[r#""#]]);
    check(
        "//- /k8s/crd.yaml\napiVersion: x/v1\nkind: Thing\n",
        expect![[r#"
        k8s/crd.yaml
          Info kubernetes/other-kinds objects of these kinds are not read: Thing
    "#]],
    );
    check(
        "//- /k8s/broken.yaml\napiVersion: v1\nkind: [\n",
        expect![[r#"
        k8s/broken.yaml
          Warning kubernetes/syntax k8s/broken.yaml:2: column 7: unclosed bracket '['
    "#]],
    );
}

#[test]
fn types_are_strict_and_unknown_keys_are_named() {
    check(
        "//- /kubernetes.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  replicas: many\n  replica: 1\n  template:\n    spec:\n      containers:\n        - {name: a, image: example/a, ports: [{containerPort: 99999}, x], command: {a: b}, readinessProbe: {exec: {command: [curl, localhost/up]}, periodSeconds: soon}, resources: {limits: {cpu: much}}, imgae: x}\n        - text\n",
        expect![[r#"
            kubernetes.yaml
              part at the top
                Image("example/a") (kubernetes.yaml:10)
                a Worker: as the image does (kubernetes.yaml:10)
                  health Http("/up") None None None None (kubernetes.yaml:10)
              Warning kubernetes/type kubernetes.yaml:5: `spec.replicas` is a text, not a whole number
              Info kubernetes/unknown-key kubernetes.yaml:6: `spec.replica` is no key that is known
              Warning kubernetes/type kubernetes.yaml:10: `spec.template.spec.containers[0].command` is a map, not a list of texts
              Warning kubernetes/type kubernetes.yaml:10: `spec.template.spec.containers[0].ports[1]` is a text, not a map
              Warning kubernetes/value kubernetes.yaml:10: 99999 is no port
              Warning kubernetes/type kubernetes.yaml:10: `spec.template.spec.containers[0].readinessProbe.periodSeconds` is a text, not a whole number
              Warning kubernetes/value kubernetes.yaml:10: `much` is no quantity
              Info kubernetes/unknown-key kubernetes.yaml:10: `spec.template.spec.containers[0].imgae` is no key that is known
              Warning kubernetes/type kubernetes.yaml:11: `spec.template.spec.containers[1]` is a text, not a map
        "#]],
    );
}

#[test]
fn images_of_several_sources_count_as_one_part() {
    let deployment = |name: &str, kind: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec: {{template: {{metadata: {{labels: {{app: {name}}}}}, spec: {{containers: [{{name: main, image: example/{name}}}]}}}}}}\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{type: {kind}, selector: {{app: {name}}}, ports: [{{port: 80, targetPort: 8080}}]}}\n---\n"
        )
    };
    let text = ["cart", "front"]
        .map(|name| deployment(name, if name == "front" { "LoadBalancer" } else { "ClusterIP" }));
    check(
        &format!("//- /manifests/all.yaml\n{}", text.concat()),
        expect![[r#"
            manifests/all.yaml
              part at the top called front (manifests/all.yaml:13)
                cart Private: as the image does (manifests/all.yaml:4)
                  port Fixed(8080) (manifests/all.yaml:9)
                web Web: as the image does (manifests/all.yaml:14)
                  port Fixed(8080) (manifests/all.yaml:19)
              Info containers/several-images the containers run 2 images: example/cart, example/front
        "#]],
    );
}

#[test]
fn of_objects_with_one_name_the_first_counts() {
    let deployment = |image: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: shop}}\nspec: {{template: {{spec: {{containers: [{{name: shop, image: {image}, env: [{{name: A, value: true}}]}}]}}}}}}\n"
        )
    };
    let (first, second) = (deployment("example/shop:1"), deployment("example/shop:2"));
    check(
        &format!("//- /k8s/dev.yaml\n{first}//- /k8s/prod.yaml\n{second}"),
        expect![[r#"
        k8s/dev.yaml
          part at the top
            Image("example/shop:1") (k8s/dev.yaml:4)
            shop Worker: as the image does (k8s/dev.yaml:4)
          Info kubernetes/again k8s/prod.yaml:1: `shop` is a second Deployment of that name
          Warning kubernetes/value k8s/dev.yaml:4: the value of `A` is no text
    "#]],
    );
}

#[test]
fn more_containers_than_anybody_writes_are_left() {
    let containers: String = (0..600).map(|number| format!("  - {{name: c, image: x/{number}}}\n")).collect();
    let pod = format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n{containers}");
    let declared = seen(&MemoryTree::parse(&format!("//- /k8s/a.yaml\n{pod}")));
    assert_eq!(declared[0].components[0].processes.len(), crate::container::CONTAINERS);
    let codes: Vec<&str> = declared[0].diagnostics.iter().map(|said| said.code.as_str()).collect();
    assert_eq!(codes, ["containers/several-images", "containers/too-many"]);
}

/// Manifests of the format's own keys, with values of all kinds.
fn document() -> impl Strategy<Value = String> {
    let kind = prop::sample::select(vec![
        "Deployment",
        "StatefulSet",
        "Pod",
        "Job",
        "CronJob",
        "Service",
        "Ingress",
        "ConfigMap",
        "Secret",
        "List",
        "HorizontalPodAutoscaler",
        "PersistentVolumeClaim",
        "Other",
    ]);
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("[{name: a, image: x/a}, 1, {}, [x]]".to_owned()),
        Just(format!(
            "[{{name: release, image: x/a, command: [/packwright/process/web], env: [{{name: A_KEY, value: {SECRET}}}, {{name: B, value: $(A_KEY)}}]}}]"
        )),
        Just("{spec: {containers: [{name: a, image: x/a, ports: [{containerPort: 80}]}]}}".to_owned()),
        Just("{metadata: {labels: {a: b}}, spec: {containers: [{image: x/b, args: [migrate]}]}}".to_owned()),
        Just("{a: b}".to_owned()),
        Just("80".to_owned()),
        Just("99999999999999999999".to_owned()),
        "[a-z$()]{0,6}".prop_map(|text| format!("'{text}'")),
    ];
    let key = prop::sample::select(vec![
        "template",
        "containers",
        "initContainers",
        "volumes",
        "replicas",
        "schedule",
        "jobTemplate",
        "selector",
        "ports",
        "rules",
        "type",
        "scaleTargetRef",
        "maxReplicas",
        "volumeClaimTemplates",
        "suspend",
        "terminationGracePeriodSeconds",
        "unknown",
    ]);
    let object = (kind, "[a-z]{0,3}", prop::collection::btree_map(key, value, 0..6), any::<bool>());
    prop::collection::vec(object, 0..4).prop_map(|objects| {
        let mut out = String::new();
        for (kind, name, spec, secret) in objects {
            out += &format!("---\napiVersion: v1\nkind: {kind}\nmetadata: {{name: '{name}'}}\n");
            if secret {
                out += &format!("data: {{A: {SECRET}}}\nitems: [{{apiVersion: v1, kind: Pod}}]\n");
            }
            out += "spec:\n  enableServiceLinks: true\n";
            spec.into_iter().for_each(|(key, value)| out += &format!("  {key}: {value}\n"));
        }
        out
    })
}

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        let tree = MemoryTree::parse(&format!("//- /k8s/a.yaml\napiVersion: v1\nkind: Pod\n{text}\n"));
        prop_assert_eq!(breaches(&tree, &seen(&tree)), Vec::<String>::new());
    }

    #[test]
    fn any_document_is_answered(text in document()) {
        let tree = MemoryTree::parse(&format!("//- /k8s/a.yaml\n{text}"));
        prop_assert_eq!(breaches(&tree, &seen(&tree)), Vec::<String>::new());
    }
}
