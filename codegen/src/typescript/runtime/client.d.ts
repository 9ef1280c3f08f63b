/** One event of a stream, or of the type `T` alone. */
export type Dispatched<M, T extends keyof M = keyof M> = {
    [K in T]: {
        readonly type: K;
        readonly data: M[K];
        /** The last event ID at that moment: of an event without an ID, that of the one before. */
        readonly lastEventId: string;
    };
}[T];
/**
 * `ended` when a terminal event has come, `closed` by `close()` or when the server refused: an `EventSource` does not come back
 * then, and does not say why.
 */
export type State = "connecting" | "open" | "ended" | "closed";
/** What a stream needs of an `EventSource`: the browser's, or that of the npm package `eventsource`. */
export interface Source {
    readonly readyState: number;
    addEventListener(type: string, listener: (event: any) => void): void;
    close(): void;
}
export interface Options {
    /** Cookies for another origin, which has to allow it. Default: false. */
    withCredentials?: boolean;
    /** Default: the browser's own. */
    EventSource?: new (url: string, init: {
        withCredentials: boolean;
    }) => Source;
    /** Where to go on, by a parameter of the query, since no `EventSource` takes it otherwise. The server has to read it. */
    lastEventId?: string;
    /** What that parameter is called. Default: `last_event_id`. */
    lastEventIdParameter?: string;
    /**
     * Opens a new `EventSource` so many milliseconds after the server refused, as a proxy does with a 502, from the last event ID
     * on. A stream that is done looks the same from here, so leave it out where the server answers 204. Default: never.
     */
    reopenAfter?: number;
    /** How many events wait for a `for await` that is busy; with one more it throws. Default: 10000. */
    buffer?: number;
}
export interface Stream<M, R extends keyof M = never> extends AsyncIterable<Dispatched<M>> {
    readonly state: State;
    readonly lastEventId: string;
    /** Calls `listener` for each event of this type, until the function that it returns is called. */
    on<T extends keyof M>(type: T, listener: (event: Dispatched<M, T>) => void): () => void;
    /** The same where the server could not resume, and says what is missing. */
    onReset(listener: (event: Dispatched<M, R>) => void): () => void;
    /** The same for any event type, such as one that is not in the catalogue. The data is text, as it came. */
    onOther(type: string, listener: (event: {
        type: string;
        data: string;
        lastEventId: string;
    }) => void): () => void;
    onState(listener: (state: State) => void): () => void;
    /** The same for data that is not what it has to be. Without a listener it is an uncaught error. */
    onError(listener: (error: unknown) => void): () => void;
    close(): void;
}
