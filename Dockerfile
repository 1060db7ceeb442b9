# hookproof on a small Node, not as root; the history is kept in the volume /data, and files are read in /work.
#
#   docker build -t hookproof .
#   docker run --rm --init -v hookproof:/data -e M2M_SECRET hookproof \
#     test --url https://shop.example/hook --vendor mail2many --secret-env M2M_SECRET
FROM node:22-slim AS build
WORKDIR /build
COPY . .
RUN npm ci --ignore-scripts \
  && npm pack --silent --pack-destination /tmp \
  && npm install --prefix /opt/hookproof --omit=dev /tmp/hookproof-*.tgz

FROM node:22-slim
COPY --from=build /opt/hookproof /opt/hookproof
RUN ln -s /opt/hookproof/node_modules/.bin/* /usr/local/bin/ \
  && install -d -o node -g node /data /work
ENV WEBHOOK_HISTORY=/data/history.db
USER node
WORKDIR /work
VOLUME /data
ENTRYPOINT ["hookproof"]
CMD ["--help"]
