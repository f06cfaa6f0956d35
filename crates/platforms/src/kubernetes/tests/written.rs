//! The manifests that are written for the sample shop. `container/tests/writers.rs` tests what holds for every
//! platform that runs containers.

use expect_test::expect;

use super::super::write;
use crate::container::tests::{shop_written, shown};

#[test]
fn the_shop() {
    let written = shop_written(write);
    expect![[r#"
        //- /kubernetes.yaml
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: shop-env
          labels:
            app.kubernetes.io/part-of: shop
        data:
          DJANGO_SETTINGS_MODULE: shop.settings
          PRICE_FORMAT: $ $(AMOUNT) ${AMOUNT}
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata:
          name: media
          labels:
            app.kubernetes.io/part-of: shop
        spec:
          accessModes:
            - ReadWriteOnce
          resources:
            requests:
              storage: 2048Mi
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: shop-web
          labels:
            app.kubernetes.io/name: web
            app.kubernetes.io/part-of: shop
        spec:
          selector:
            matchLabels:
              app.kubernetes.io/name: web
              app.kubernetes.io/part-of: shop
          strategy:
            type: Recreate
          template:
            metadata:
              labels:
                app.kubernetes.io/name: web
                app.kubernetes.io/part-of: shop
            spec:
              terminationGracePeriodSeconds: 60
              shareProcessNamespace: true
              securityContext:
                runAsNonRoot: true
                runAsUser: 1000
                runAsGroup: 0
                fsGroup: 1000
                seccompProfile:
                  type: RuntimeDefault
              containers:
                - name: web
                  image: registry.example.com/shop:1
                  command:
                    - /packwright/process/web
                  ports:
                    - name: http
                      containerPort: 8080
                  envFrom:
                    - configMapRef:
                        name: shop-env
                  env:
                    - name: PORT
                      value: "8080"
                    - name: SECRET_KEY
                      valueFrom:
                        secretKeyRef:
                          name: shop
                          key: SECRET_KEY
                    - name: STRIPE_KEY
                      valueFrom:
                        secretKeyRef:
                          name: shop
                          key: STRIPE_KEY
                    - name: SENTRY_DSN
                      valueFrom:
                        secretKeyRef:
                          name: shop
                          key: SENTRY_DSN
                          optional: true
                    - name: OLD_TOKEN
                      valueFrom:
                        secretKeyRef:
                          name: shop
                          key: OLD_TOKEN
                    - name: DATABASE_URL
                      valueFrom:
                        secretKeyRef:
                          name: db
                          key: connection-string
                    - name: CACHE_HOST
                      valueFrom:
                        secretKeyRef:
                          name: cache
                          key: host
                    - name: MAIL_URL
                      valueFrom:
                        secretKeyRef:
                          name: shop
                          key: MAIL_URL
                  readinessProbe:
                    httpGet:
                      path: /healthz
                      port: 8080
                    periodSeconds: 15
                    timeoutSeconds: 3
                  resources:
                    requests:
                      cpu: 500m
                      memory: 1024Mi
                    limits:
                      memory: 1024Mi
                  volumeMounts:
                    - name: media
                      mountPath: /app/media
                  securityContext:
                    allowPrivilegeEscalation: false
                    readOnlyRootFilesystem: false
                    capabilities:
                      drop:
                        - ALL
              volumes:
                - name: media
                  persistentVolumeClaim:
                    claimName: media
        ---
        apiVersion: v1
        kind: Service
        metadata:
          name: shop-web
          labels:
            app.kubernetes.io/name: web
            app.kubernetes.io/part-of: shop
        spec:
          selector:
            app.kubernetes.io/name: web
            app.kubernetes.io/part-of: shop
          ports:
            - name: http
              port: 80
              targetPort: 8080
        ---
        apiVersion: autoscaling/v2
        kind: HorizontalPodAutoscaler
        metadata:
          name: shop-web
          labels:
            app.kubernetes.io/name: web
            app.kubernetes.io/part-of: shop
        spec:
          scaleTargetRef:
            apiVersion: apps/v1
            kind: Deployment
            name: shop-web
          minReplicas: 2
          maxReplicas: 6
          metrics:
            - type: Resource
              resource:
                name: cpu
                target:
                  type: Utilization
                  averageUtilization: 80
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: shop-worker
          labels:
            app.kubernetes.io/name: worker
            app.kubernetes.io/part-of: shop
        spec:
          selector:
            matchLabels:
              app.kubernetes.io/name: worker
              app.kubernetes.io/part-of: shop
          strategy:
            type: Recreate
          template:
            metadata:
              labels:
                app.kubernetes.io/name: worker
                app.kubernetes.io/part-of: shop
            spec:
              shareProcessNamespace: true
              securityContext:
                runAsNonRoot: true
                runAsUser: 1000
                runAsGroup: 0
                fsGroup: 1000
                seccompProfile:
                  type: RuntimeDefault
              containers:
                - name: worker
                  image: registry.example.com/shop:1
                  command:
                    - /packwright/process/worker
                  envFrom:
                    - configMapRef:
                        name: shop-env
                  env:
                    - name: SECRET_KEY
                      valueFrom:
                        secretKeyRef:
                          name: shop
                          key: SECRET_KEY
                    - name: STRIPE_KEY
                      valueFrom:
                        secretKeyRef:
                          name: shop
                          key: STRIPE_KEY
                    - name: SENTRY_DSN
                      valueFrom:
                        secretKeyRef:
                          name: shop
                          key: SENTRY_DSN
                          optional: true
                    - name: OLD_TOKEN
                      valueFrom:
                        secretKeyRef:
                          name: shop
                          key: OLD_TOKEN
                    - name: DATABASE_URL
                      valueFrom:
                        secretKeyRef:
                          name: db
                          key: connection-string
                    - name: CACHE_HOST
                      valueFrom:
                        secretKeyRef:
                          name: cache
                          key: host
                    - name: MAIL_URL
                      valueFrom:
                        secretKeyRef:
                          name: shop
                          key: MAIL_URL
                  livenessProbe:
                    exec:
                      command:
                        - sh
                        - -c
                        - celery inspect ping -d worker@$HOSTNAME
                    periodSeconds: 15
                    timeoutSeconds: 3
                  volumeMounts:
                    - name: media
                      mountPath: /app/media
                  securityContext:
                    allowPrivilegeEscalation: false
                    readOnlyRootFilesystem: false
                    capabilities:
                      drop:
                        - ALL
              volumes:
                - name: media
                  persistentVolumeClaim:
                    claimName: media
        ---
        apiVersion: batch/v1
        kind: CronJob
        metadata:
          name: shop-nightly
          labels:
            app.kubernetes.io/name: nightly
            app.kubernetes.io/part-of: shop
        spec:
          schedule: 0 3 * * *
          concurrencyPolicy: Forbid
          jobTemplate:
            spec:
              backoffLimit: 0
              template:
                metadata:
                  labels:
                    app.kubernetes.io/name: nightly
                    app.kubernetes.io/part-of: shop
                spec:
                  restartPolicy: Never
                  shareProcessNamespace: true
                  securityContext:
                    runAsNonRoot: true
                    runAsUser: 1000
                    runAsGroup: 0
                    fsGroup: 1000
                    seccompProfile:
                      type: RuntimeDefault
                  containers:
                    - name: nightly
                      image: registry.example.com/shop:1
                      command:
                        - /packwright/process/nightly
                      envFrom:
                        - configMapRef:
                            name: shop-env
                      env:
                        - name: SECRET_KEY
                          valueFrom:
                            secretKeyRef:
                              name: shop
                              key: SECRET_KEY
                        - name: STRIPE_KEY
                          valueFrom:
                            secretKeyRef:
                              name: shop
                              key: STRIPE_KEY
                        - name: SENTRY_DSN
                          valueFrom:
                            secretKeyRef:
                              name: shop
                              key: SENTRY_DSN
                              optional: true
                        - name: OLD_TOKEN
                          valueFrom:
                            secretKeyRef:
                              name: shop
                              key: OLD_TOKEN
                        - name: DATABASE_URL
                          valueFrom:
                            secretKeyRef:
                              name: db
                              key: connection-string
                        - name: CACHE_HOST
                          valueFrom:
                            secretKeyRef:
                              name: cache
                              key: host
                        - name: MAIL_URL
                          valueFrom:
                            secretKeyRef:
                              name: shop
                              key: MAIL_URL
                      volumeMounts:
                        - name: media
                          mountPath: /app/media
                      securityContext:
                        allowPrivilegeEscalation: false
                        readOnlyRootFilesystem: false
                        capabilities:
                          drop:
                            - ALL
                  volumes:
                    - name: media
                      persistentVolumeClaim:
                        claimName: media
        ---
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: shop-release
          labels:
            app.kubernetes.io/name: release
            app.kubernetes.io/part-of: shop
        spec:
          backoffLimit: 0
          template:
            metadata:
              labels:
                app.kubernetes.io/name: release
                app.kubernetes.io/part-of: shop
            spec:
              restartPolicy: Never
              shareProcessNamespace: true
              securityContext:
                runAsNonRoot: true
                runAsUser: 1000
                runAsGroup: 0
                fsGroup: 1000
                seccompProfile:
                  type: RuntimeDefault
              containers:
                - name: release
                  image: registry.example.com/shop:1
                  command:
                    - /packwright/process/release
                  envFrom:
                    - configMapRef:
                        name: shop-env
                  env:
                    - name: SECRET_KEY
                      valueFrom:
                        secretKeyRef:
                          name: shop
                          key: SECRET_KEY
                    - name: STRIPE_KEY
                      valueFrom:
                        secretKeyRef:
                          name: shop
                          key: STRIPE_KEY
                    - name: SENTRY_DSN
                      valueFrom:
                        secretKeyRef:
                          name: shop
                          key: SENTRY_DSN
                          optional: true
                    - name: OLD_TOKEN
                      valueFrom:
                        secretKeyRef:
                          name: shop
                          key: OLD_TOKEN
                    - name: DATABASE_URL
                      valueFrom:
                        secretKeyRef:
                          name: db
                          key: connection-string
                    - name: CACHE_HOST
                      valueFrom:
                        secretKeyRef:
                          name: cache
                          key: host
                    - name: MAIL_URL
                      valueFrom:
                        secretKeyRef:
                          name: shop
                          key: MAIL_URL
                  volumeMounts:
                    - name: media
                      mountPath: /app/media
                  securityContext:
                    allowPrivilegeEscalation: false
                    readOnlyRootFilesystem: false
                    capabilities:
                      drop:
                        - ALL
              volumes:
                - name: media
                  persistentVolumeClaim:
                    claimName: media
        ---
        apiVersion: networking.k8s.io/v1
        kind: Ingress
        metadata:
          name: shop-web
          labels:
            app.kubernetes.io/name: web
            app.kubernetes.io/part-of: shop
        spec:
          rules:
            - host: shop.example.com
              http:
                paths:
                  - path: /
                    pathType: Prefix
                    backend:
                      service:
                        name: shop-web
                        port:
                          name: http
        Warning convert/L27-services `db` (postgresql) is not written
        Warning convert/L27-services `cache` (redis) is not written
        Warning convert/L27-services `search` (solr) is not written
        Warning convert/L13-volume several pods mount `/app/media`, which they can on one node only
        Warning convert/L06-secret nobody makes up `SECRET_KEY`
        Warning convert/L06-secret the value of `OLD_TOKEN` looks like a secret and is not written
        Warning convert/L07-service-binding `DATABASE_URL` is the key `connection-string` of the secret `db`
        Warning convert/L07-service-binding `CACHE_HOST` is the key `host` of the secret `cache`
        Warning convert/L06-secret `MAIL_URL` does not come from group mail
        Warning convert/L10-health the health check of `worker` is started with `sh -c`
        Warning convert/L11-scale `standard-1x` is no size that Kubernetes knows
        Warning convert/L03-release `release` is a job that runs beside the others, which do not wait for it
    "#]]
    .assert_eq(&shown(&written));
}
