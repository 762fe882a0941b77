/* The class that a front end of Django Channels has: written by hand years ago, for a consumer. It stays as it is. */

class ChatSocket {
  constructor({ url, userId, token, onStatusUpdate, onFrameUpdate, onFinalResponse, onError, onAuthError }) {
    this.address = `${url}?user_id=${encodeURIComponent(userId)}&token=${encodeURIComponent(token)}`;
    Object.assign(this, { onStatusUpdate, onFrameUpdate, onFinalResponse, onError, onAuthError });
  }

  connect() {
    this.socket = new WebSocket(this.address);
    this.socket.onopen = () => {
      this.socket.send(JSON.stringify({ type: "heartbeat" }));
      this.heartbeat = setInterval(() => this.socket.send(JSON.stringify({ type: "ping" })), 30000);
    };
    this.socket.onmessage = (event) => this.handle(JSON.parse(event.data));
    this.socket.onclose = (event) => {
      clearInterval(this.heartbeat);
      if (event.code === 4001 || event.code === 4003) this.onAuthError();
    };
  }

  handle(message) {
    switch (message.type) {
      case "llm_status":
        return this.onStatusUpdate(message.status, message.message);
      case "llm_frame":
        return this.onFrameUpdate(message.frame);
      case "llm_response":
        return this.onFinalResponse(message.data);
      case "llm_error":
        return this.onError(message.error);
    }
  }

  close() {
    this.socket.close();
  }
}
