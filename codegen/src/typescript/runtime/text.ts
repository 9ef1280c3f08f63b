
const text = (data: string): unknown => data;
