import { Room } from './room.jsx';

export const dynamic = 'force-dynamic'; // rendered on the server for each request

export default function Page() {
  return <Room />;
}
