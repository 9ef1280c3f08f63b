/**
 * One connection for all tabs of an origin that read the same URL: pass it as `EventSource`. The tab that holds a Web Lock reads, and
 * the others hear it by a `BroadcastChannel`; when it goes or falls asleep, another goes on from the last event ID.
 *
 * The server has to read the last event ID from the query parameter `last_event_id`. Events need IDs, as those of a channel
 * have. A tab that has just come reads by itself until it is where the others are.
 */
export declare class TabSource implements Source {
    #private;
    /** The query parameter from which the server reads the last event ID. */
    static parameter: string;
    /** How long the reading tab may be silent, in milliseconds, before it is asked, and then how long until it is replaced. */
    static patience: number;
    readyState: number;
    /** Whether this is the tab that reads for all. */
    leads: boolean;
    constructor(url: string | URL, init?: {
        withCredentials?: boolean;
    });
    addEventListener(type: string, listener: (event: any) => void): void;
    close(): void;
}
