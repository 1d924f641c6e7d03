/** Answers with the event it got, or as its path says. */
interface HttpEvent {
  rawPath: string;
}

export async function handler(event: HttpEvent) {
  if (event.rawPath === "/throw") throw new Error("no");
  if (event.rawPath === "/slow") await new Promise((done) => setTimeout(done, 600));
  if (event.rawPath === "/bytes")
    return {
      statusCode: 201,
      headers: { "x-made": "yes" },
      cookies: ["a=1", "b=2"],
      body: "AAH/",
      isBase64Encoded: true,
    };
  return { statusCode: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(event) };
}
